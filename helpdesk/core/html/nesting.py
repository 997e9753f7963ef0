"""Keep elements nested as a browser would nest them, so that none is reopened.

HTML closes a paragraph when another block begins inside it, and opens each `<b>` or
`<font>` it cut through again in whatever follows. A small document could so grow
without bound, every copy with all its attributes. Here that never comes to pass.
"""

from typing import Final

from helpdesk.core.html.policy import (
    BLOCKS,
    FORMATTING,
    MAX_DEPTH,
    MAX_FORMATTING,
    VOID,
)

_TABLE_PARTS: Final = frozenset({"colgroup", "table", "tbody", "tfoot", "thead", "tr"})
_CELLS: Final = frozenset({"caption", "td", "th"})
_ONE_AT_A_TIME: Final = frozenset({"a", "nobr"})
_ITEMS: Final = {
    "dd": (frozenset({"dd", "dt"}), frozenset({"dl"})),
    "dt": (frozenset({"dd", "dt"}), frozenset({"dl"})),
    "li": (frozenset({"li"}), frozenset({"ol", "ul"})),
}
"""Each item closes the open ones named first, up to the lists named second."""


class Nesting:
    """The elements that are open in what was written to `out` so far."""

    def __init__(self, out: list[str]) -> None:
        self._out = out
        self._names: list[str] = []
        self._paragraphs: list[tuple[int, int]] = []
        self._formatting = 0

    def fitting(self, tag: str) -> str:
        """Return what `tag` may be written as here: itself, another, or nothing."""
        if tag in VOID:
            return tag
        if len(self._names) >= MAX_DEPTH:
            return ""
        if tag in FORMATTING:
            return tag if self._may_format(tag) else ""
        if tag in _ITEMS and self._closes_another(tag):
            return "div"
        return tag

    def enter(self, tag: str) -> None:
        """Note that the last piece of `out` opens `tag`."""
        if tag in BLOCKS:
            self._widen_paragraphs()
        if tag == "p":
            self._paragraphs.append((len(self._names), len(self._out) - 1))
        self._formatting += tag in FORMATTING
        self._names.append(tag)

    def leave(self) -> str:
        """Return the name that closes the innermost element, now closed."""
        tag = self._names.pop()
        self._formatting -= tag in FORMATTING
        if tag == "p":
            self._paragraphs.pop()
        return tag

    def _may_format(self, tag: str) -> bool:
        if self._formatting >= MAX_FORMATTING:
            return False
        if tag in _ONE_AT_A_TIME and tag in self._names:
            return False
        return not self._is_between_cells()

    def _is_between_cells(self) -> bool:
        for name in reversed(self._names):
            if name in _CELLS:
                return False
            if name in _TABLE_PARTS:
                return True
        return False

    def _closes_another(self, tag: str) -> bool:
        closed, lists = _ITEMS[tag]
        for name in reversed(self._names):
            if name in lists:
                return False
            if name in closed:
                return True
        return False

    def _widen_paragraphs(self) -> None:
        """Make every open paragraph a `<div>`, which may hold other blocks."""
        for index, place in self._paragraphs:
            self._names[index] = "div"
            self._out[place] = f"<div{self._out[place][2:]}"
        self._paragraphs.clear()
