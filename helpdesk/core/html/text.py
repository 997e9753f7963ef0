"""HTML as the plain text a reader would see."""

import re
from typing import Final

from helpdesk.core.html.parsing import bounded, rewrite
from helpdesk.core.html.policy import BLOCKS, CONTENT_DROPPED
from helpdesk.core.html.urls import safe_link

_SPACE: Final = re.compile(r"[ \t\r\n\f\xa0]+")
_APART: Final = frozenset({"p", "blockquote", "h1", "h2", "h3", "h4", "pre", "table"})
_MAX_QUOTES: Final = 20


def plain_text_of(html: str) -> str:
    """Return the text of `html`: paragraphs apart, lists marked, quotes quoted.

    A link whose text is not its address is followed by the address.
    """
    document, _ = bounded(html)
    return rewrite(document, _TextWriter())


class _TextWriter:
    def __init__(self) -> None:
        self._lines: list[tuple[int, str]] = []
        self._line: list[str] = []
        self._quotes = 0
        self._dropping = 0
        self._open: list[str] = []
        self._preformatted = 0
        self._links: list[tuple[str, int]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append(tag)
        if self._dropping or tag in CONTENT_DROPPED:
            self._dropping += 1
        elif tag == "br":
            self._end_line()
        elif tag == "a":
            self._links.append((attributes.get("href") or "", len(self._line)))
        elif tag in BLOCKS:
            self._start_block(tag)
        elif tag in {"td", "th"} and self._line:
            self._line.append(" ")

    def end(self, tag: str) -> None:
        if self._open:
            self._open.pop()
        if self._dropping:
            self._dropping -= 1
        elif tag == "a":
            self._end_link()
        elif tag in BLOCKS:
            self._end_block(tag)

    def data(self, text: str) -> None:
        if self._dropping:
            return
        if not self._preformatted:
            self._line.append(_SPACE.sub(" ", text))
            return
        first, *others = text.split("\n")
        self._line.append(first)
        for line in others:
            self._end_line()
            self._line.append(line)

    def comment(self, text: str) -> None:
        """Leave comments out."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Leave processing instructions out."""

    def close(self) -> str:
        self._close_line()
        lines = []
        for quotes, line in self._lines:
            lines.append(f"{'>' * quotes} {line}".rstrip() if quotes else line)
        return _with_single_gaps("\n".join(lines)).strip()

    def _start_block(self, tag: str) -> None:
        self._close_line()
        if tag in _APART:
            self._gap()
        self._preformatted += tag == "pre"
        self._quotes += tag == "blockquote"
        if tag == "li":
            self._line.append("- ")
        elif tag == "hr":
            self._line.append("---")
            self._close_line()

    def _end_block(self, tag: str) -> None:
        self._close_line()
        self._preformatted -= tag == "pre"
        self._quotes -= tag == "blockquote"
        if tag in _APART:
            self._gap()

    def _end_link(self) -> None:
        href, begin = self._links.pop() if self._links else ("", 0)
        link = safe_link(href)
        shown = "".join(self._line[begin:]).strip()
        target = link.removeprefix("mailto:").removeprefix("tel:")
        if link and shown and shown not in {link, target} and shown not in target:
            self._line.append(f" ({target})")

    def _close_line(self) -> None:
        if self._line:
            self._end_line()

    def _end_line(self) -> None:
        line = "".join(self._line)
        if not self._preformatted:
            line = _SPACE.sub(" ", line).strip()
        self._line.clear()
        self._links = [(href, 0) for href, _ in self._links]
        if line or self._lines:
            self._lines.append((min(self._quotes, _MAX_QUOTES), line))

    def _gap(self) -> None:
        if self._lines and self._lines[-1][1]:
            self._lines.append((min(self._quotes, _MAX_QUOTES), ""))


def _with_single_gaps(text: str) -> str:
    return re.sub(r"\n[ \t]*(?:\n[ \t]*)+", "\n\n", text)
