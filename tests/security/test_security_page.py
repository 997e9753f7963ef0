"""SECURITY.md says what is so: each row once, and only tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
OF_THE_CHAT = PAGE.partition("## Attacks on the chat")[2]
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)


def names_of_tests():
    """Return every test class, and its methods, below tests/."""
    found = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                methods = found.setdefault(node.name, set())
                methods |= {getattr(child, "name", "") for child in node.body}
    return found


@pytest.fixture(scope="module")
def known():
    return names_of_tests()


class TestSecurityPage:
    def test_has_every_row_once_and_in_order(self):
        assert [int(number) for number, *_ in ROWS] == list(range(1, 86))

    def test_names_only_tests_that_exist(self, known):
        methods = set().union(*known.values())
        rows = [(number, here) for number, _, _, here in ROWS]
        for number, here in [*rows, ("chat", OF_THE_CHAT)]:
            for name in re.findall(r"`(Test\w+(?:::\w+)?|test_\w+)`", here):
                owner, _, method = name.rpartition("::")
                if owner:
                    assert method in known.get(owner, ()), (number, name)
                else:
                    assert name in known or name in methods, (number, name)

    def test_says_something_of_every_row(self):
        for number, *_, here in ROWS:
            assert re.search(r"`[Tt]est|Cannot apply|Later|Open", here), number

    def test_names_every_test_that_is_named_after_a_row(self, known):
        for name in known:
            match = re.match(r"TestRow(\d+)", name)
            if match:
                here = next(row[3] for row in ROWS if row[0] == match.group(1))
                assert f"`{name}" in here, name
