"""The code of the page about signed identities is run, not only read."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpdesk.chat.identity import canonical_text, hmac_of, read_identity

PAGE = Path(__file__).resolve().parents[3] / "helpdesk/docs/chat-identity.md"
TEXT = PAGE.read_text("utf-8")
KEY = "chat-7f3k2m9q"
SECRET = "correct-horse-battery-staple-4242"
USER = {
    "user_id": "42",
    "name": "Maya Okafor",
    "email": "maya@people.example",
    "expires_at": 1_800_000_000,
}
EXAMPLE = hmac_of(canonical_text(channel_key=KEY, **USER), secret=SECRET)


def snippets(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def read(given, *, now=None):
    return read_identity(
        given, secrets=[SECRET], channel_key=KEY, now=now or datetime.now(tz=UTC)
    )


class TestPage:
    def test_shows_the_signature_of_its_example(self):
        assert EXAMPLE in TEXT

    def test_has_both_forms_for_each_language(self):
        for language in ("python", "javascript", "php", "ruby"):
            assert len(snippets(language)) == 2, language


class TestPython:
    def test_makes_a_jwt_that_is_taken(self):
        namespace = {}
        exec(snippets("python")[0], namespace)
        user = SimpleNamespace(
            pk=42, email="maya@people.example", get_full_name=lambda: "Maya Okafor"
        )

        identity = read(namespace["chat_identity"](user))

        assert (identity.user_id, identity.name) == ("42", "Maya Okafor")
        assert identity.email == "maya@people.example"

    def test_makes_fields_that_are_taken(self):
        namespace = {}
        exec(snippets("python")[1], namespace)

        made = namespace["chat_identity"](42, "Maya Okafor", "maya@people.example")

        assert read(made).user_id == "42"

    def test_makes_the_signature_of_the_example(self):
        namespace = {}
        exec(snippets("python")[1], namespace)

        assert namespace["chat_identity"](**USER)["signature"] == EXAMPLE


RUNNERS = {
    "javascript": (
        ["node", "-e"],
        (
            "console.log(JSON.stringify(chatIdentity("
            "'42', 'Ma\u0308ya', 'maya@people.example')))"
        ),
    ),
    "php": (
        ["php", "-r"],
        "echo json_encode(chat_identity('42', 'Ma\u0308ya', 'maya@people.example'));",
    ),
    "ruby": (
        ["ruby", "-rjson", "-e"],
        "puts JSON.generate(chat_identity('42', 'Ma\u0308ya', 'maya@people.example'))",
    ),
}


class TestOtherLanguages:
    @pytest.mark.parametrize("language", RUNNERS)
    def test_make_fields_that_are_taken(self, language):
        command, call = RUNNERS[language]
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not on this machine")

        answer = subprocess.run(
            [*command, f"{snippets(language)[1]}\n{call}"],
            capture_output=True,
            check=True,
            env={
                "CHAT_SECRET": SECRET,
                "LANG": "C.UTF-8",
                "PATH": "/usr/local/bin:/usr/bin:/bin",
            },
            timeout=60,
        )

        identity = read(json.loads(answer.stdout))
        assert (identity.user_id, identity.name) == ("42", "Ma\u0308ya")

    @pytest.mark.parametrize("language", RUNNERS)
    def test_join_the_same_lines_in_the_same_order(self, language):
        code = re.sub(r"[$\s]|String|\(string\)|\.to_s", "", snippets(language)[1])
        lines = re.search(r"lines=\[(.*?)\]", code).group(1)
        names = re.sub(r"[()_'\"]", "", lines).lower().split(",")

        assert names == ["v1", "channelkey", "userid", "name", "email", "expiresat"]
        assert re.search(r"sha-?256", snippets(language)[1], re.IGNORECASE)
