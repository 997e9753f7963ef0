"""Read an HTML body as lines of text, remembering where each piece stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import _Element

from channels_ingest.adapters.email.replies.words import words_of

BLOCKS = frozenset(
    words_of(
        """
    address article aside blockquote body center dd div dl dt fieldset figure footer
    form
    h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td
    tfoot th thead tr ul
    """
    )
)
HIDDEN = frozenset({"head", "script", "style", "title", "template", "noscript"})
CELLS = frozenset({"td", "th"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LINE = re.compile(r"\n")


@dataclass(slots=True)
class Piece:
    """A text of one element: what it begins with, or what follows it."""

    element: _Element
    is_tail: bool
    line: int
    start: int = 0
    end: int | None = None
    """Where in that text the piece ends, for preformatted text of several lines."""


@dataclass(slots=True)
class FlatBody:
    """The lines a reader sees, and the pieces they are made of."""

    lines: list[str] = field(default_factory=list)
    quoted: list[bool] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    line_of: dict[_Element, int] = field(default_factory=dict)
    """On which line each element begins."""
    last_line_of: dict[_Element, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Flattener:
    body: FlatBody
    quotes: frozenset[_Element]
    depth: int = 0
    hidden: int = 0
    preformatted: int = 0
    current: list[str] = field(default_factory=list)

    def open(self, element: _Element) -> None:
        tag = _tag(element)
        if tag is None:
            return
        if tag in BLOCKS or element in self.quotes:
            self.break_line()
        self.depth += element in self.quotes
        self.hidden += tag in HIDDEN
        self.preformatted += tag == "pre"
        self.body.line_of[element] = len(self.body.lines)
        self.add(element, element.text, is_tail=False)
        if tag == "br":
            self.end_line()

    def close(self, element: _Element) -> None:
        tag = _tag(element)
        if tag is not None:
            if tag in BLOCKS or element in self.quotes:
                self.break_line()
            first, last = self.body.line_of[element], len(self.body.lines) - 1
            self.body.last_line_of[element] = max(first, last)
            self.depth -= element in self.quotes
            self.hidden -= tag in HIDDEN
            self.preformatted -= tag == "pre"

    def add(self, element: _Element, text: str | None, *, is_tail: bool) -> None:
        if not text:
            return
        if self.preformatted and "\n" in text and not self.hidden:
            self._add_preformatted(element, text, is_tail=is_tail)
            return
        self._add_piece(Piece(element, is_tail, len(self.body.lines)))
        if not self.hidden:
            self.current.append(_SPACE.sub(" ", text))

    def _add_preformatted(self, element: _Element, text: str, *, is_tail: bool) -> None:
        start = 0
        for match in _LINE.finditer(text):
            line = len(self.body.lines)
            self._add_piece(Piece(element, is_tail, line, start, match.end()))
            self.current.append(text[start : match.start()])
            self.end_line()
            start = match.end()
        line = len(self.body.lines)
        self._add_piece(Piece(element, is_tail, line, start, len(text)))
        self.current.append(text[start:])

    def _add_piece(self, piece: Piece) -> None:
        self.body.pieces.append(piece)

    def break_line(self) -> None:
        """End the line unless it is empty."""
        if any(text.strip() for text in self.current):
            self.end_line()
        else:
            self.current.clear()

    def end_line(self) -> None:
        text = "".join(self.current)
        self.body.lines.append(text.strip() if not self.preformatted else text)
        self.body.quoted.append(self.depth > 0)
        self.current.clear()


def _tag(element: _Element) -> str | None:
    """Return the element's name; comments have none."""
    tag: object = element.tag
    return tag if isinstance(tag, str) else None


def flatten(root: _Element, quotes: frozenset[_Element]) -> FlatBody:
    """Return the lines of a document.

    :param quotes: elements that hold quoted history
    """
    flattener = _Flattener(FlatBody(), quotes)
    for event, element in _walk(root):
        if event:
            flattener.open(element)
        else:
            flattener.close(element)
            if element is not root:
                flattener.add(element, element.tail, is_tail=True)
    flattener.end_line()
    return flattener.body


def _walk(root: _Element) -> Iterator[tuple[bool, _Element]]:
    """Yield every element at its start and at its end, without recursion."""
    stack = [(root, iter(root))]
    yield True, root
    while stack:
        element, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield False, element
        else:
            yield True, child
            stack.append((child, iter(child)))
