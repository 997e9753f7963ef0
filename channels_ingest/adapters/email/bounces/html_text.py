"""The visible lines of a report that was sent as HTML only."""

from html.parser import HTMLParser

_BREAKS = frozenset(
    (
        "br",
        "p",
        "div",
        "tr",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "table",
        "ul",
        "ol",
        "pre",
        "hr",
    )
)
_HIDDEN = frozenset(
    (
        "style",
        "script",
        "title",
        "head",
    )
)
_MOST_CHARACTERS = 200_000


class _VisibleText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN and tag != "head":
            self._hidden = tag
        if tag in _BREAKS:
            self.pieces.append("\n")
        elif tag == "td":
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = None
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            self.pieces.append(data)


def visible_lines(html: str) -> list[str]:
    """The lines a reader sees, white space at their ends removed."""
    parser = _VisibleText()
    try:
        parser.feed(html[:_MOST_CHARACTERS])
        parser.close()
    except AssertionError:  # html.parser gives up on some broken declarations
        pass
    return [line.strip() for line in "".join(parser.pieces).splitlines()]
