"""Read HTML as a browser's tokenizer does, in one pass and without a tree.

A tree costs the square of its depth; a stream of events costs its length.
"""

import re
from collections import Counter
from typing import Any, Protocol, cast

from lxml import etree

from helpdesk.core.html.policy import MAX_CHARACTERS, MAX_DATA_IMAGE

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LARGE_DATA = re.compile(
    rf"data:[a-z]{{1,20}}/[\w.+-]{{1,60}};base64,[\w+/=%\s]{{{MAX_DATA_IMAGE},}}",
    re.IGNORECASE | re.ASCII,
)


_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr")
)
MAX_OPEN = 400
"""Elements open at once; the parser's time grows with the square of it."""
FEW_TAGS = 2 * MAX_OPEN


class Target(Protocol):
    """What receives the events; end tags that are missing are made up."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...
    def end(self, tag: str) -> None: ...
    def data(self, text: str) -> None: ...
    def comment(self, text: str) -> None: ...
    def pi(self, target: str, data: str | None = None) -> None: ...
    def close(self) -> str: ...


def bounded(html: str) -> tuple[str, bool]:
    """Return `html` short enough to show, and whether something was cut."""
    whole = len(html)
    if whole > MAX_CHARACTERS:
        # Pictures as text first: what is written matters more than they do.
        html = _LARGE_DATA.sub("data:,", html)
    html = CONTROLS.sub("", html[:MAX_CHARACTERS])
    return html, whole > MAX_CHARACTERS


def without_endless_nesting(html: str) -> str:
    """Leave out start tags that only make what is open ever deeper; linear."""
    if html.count("<") < FEW_TAGS:
        return html
    kept: list[str] = []
    opened: Counter[str] = Counter()
    depth = end = 0
    for tag in _TAG.finditer(html):
        name = tag.group(2).lower()
        if name in _VOID:
            continue
        if tag.group(1):
            # An end without a beginning closes nothing.
            closes = opened[name] > 0
            opened[name] -= closes
            depth -= closes
        elif depth >= MAX_OPEN:
            kept += (html[end : tag.start()], "<br")
            end = tag.end()
        else:
            opened[name] += 1
            depth += 1
    kept.append(html[end:])
    return "".join(kept)


def rewrite(html: str, target: Target) -> str:
    """Send the events of `html` to `target` and return what it made of them."""
    parser = etree.HTMLParser(
        # Its stubs also promise bytes, which only old versions of Python sent.
        target=cast("Any", target),
        encoding="utf-8",
        huge_tree=True,
        recover=True,
        no_network=True,
    )
    # The parser gives up on an empty document; a space is none.
    html = without_endless_nesting(html)
    result = etree.fromstring(b" " + html.encode("utf-8", "replace"), parser)
    return str(result)
