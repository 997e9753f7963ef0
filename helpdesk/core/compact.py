"""Scripts and styles without what only their readers need."""

import re
from collections.abc import Iterable, Iterator

_REMARK = re.compile(r"/\*\*.*?\*/ ?")
"""Within a line: what type something has."""


def compacted(source: str) -> str:
    """Return a script or style sheet without comments and indentation.

    It goes line by line and knows nothing of the language: a comment has lines of its
    own or begins with two stars, and no line of a text in backticks looks like one.
    """
    lines = (_REMARK.sub("", line).strip() for line in source.splitlines())
    return "".join(f"{line}\n" for line in _without_comments(lines))


def _without_comments(lines: Iterable[str]) -> Iterator[str]:
    is_inside = False
    for line in lines:
        if is_inside or line.startswith("/*"):
            is_inside = "*/" not in line
        elif line and not line.startswith("//"):
            yield line
