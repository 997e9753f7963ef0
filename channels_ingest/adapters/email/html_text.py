"""Turns HTML into the text a reader would see.

One linear pass over the markup, without a tree: mail with a hundred thousand nested
or broken tags costs no more than its length. Links keep their target, quotes their
`>` marks, lists their bullets, images their description.
"""

import html
import re
from collections.abc import Callable, Iterator

_TAG = re.compile(r"/?[A-Za-z][A-Za-z0-9:-]{0,40}")
_ATTRIBUTE = re.compile(
    r"([a-zA-Z-]{1,30})\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))"
)
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_MANY_BLANKS = re.compile(r"\n{3,}")
_HIDDEN = re.compile(r"display\s*+:\s*+none|mso-hide\s*+:\s*+all", re.IGNORECASE)

_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript"})
_RAW_TEXT = frozenset({"script", "style", "title", "textarea", "xmp"})
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote"}
    | {"table", "hr", "article", "section", "header", "footer", "figure", "address"}
)
_LINES = frozenset(
    {"div", "tr", "li", "dt", "dd", "center", "form", "fieldset", "caption", "body"}
    | {"thead", "tbody", "tfoot", "option", "legend", "figcaption", "main", "nav"}
)
_MAX_QUOTES = 50
_MAX_TAG = 100_000


def html_to_text(markup: str) -> str:
    """Return the visible text, one paragraph a line."""
    writer = _Writer()
    for kind, content in _tokens(markup):
        if kind == "text":
            writer.write(html.unescape(content) if "&" in content else content)
        else:
            writer.tag(kind, content)
    return writer.text()


def has_visible_content(markup: str) -> bool:
    """Tell whether a reader would see anything at all, pictures included."""
    hidden = ""
    for kind, content in _tokens(markup):
        if hidden:
            hidden = "" if kind == f"/{hidden}" else hidden
        elif kind in _RAW_TEXT - {"textarea", "xmp"}:
            hidden = kind
        elif kind == "img" or (kind == "text" and html.unescape(content).strip()):
            return True
    return False


def _tokens(markup: str) -> Iterator[tuple[str, str]]:
    """Yield ("text", text) and (tag name, attributes); closing names start with /."""
    position, size = 0, len(markup)
    finder = _Finder(markup)
    while position < size:
        at = markup.find("<", position)
        if at < 0:
            yield "text", markup[position:]
            return
        if at > position:
            yield "text", markup[position:at]
        name = _TAG.match(markup, at + 1)
        if name is None:
            position = finder.after_declaration(at)
            if position == at + 1:
                yield "text", "<"
            continue
        end = finder.tag_end(name.end())
        tag = name.group().lower()
        yield tag, markup[name.end() : min(end, name.end() + _MAX_TAG)]
        position = end + 1
        if tag in _RAW_TEXT:
            close = finder.find_close(tag, position)
            yield "text", markup[position:close]
            position = close


class _Finder:
    """Finds ends of markup and remembers what is not there, to stay linear."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._lowered: str | None = None
        self._absent: set[str] = set()

    def _find(self, what: str, start: int, source: str | None = None) -> int:
        if what in self._absent:
            return -1
        at = (self._markup if source is None else source).find(what, start)
        if at < 0:
            self._absent.add(what)
        return at

    def after_declaration(self, at: int) -> int:
        """Step over a comment, a doctype or an instruction; else over the `<`."""
        markup = self._markup
        if markup.startswith("<!--", at):
            end = self._find("-->", at + 2)
            return end + 3 if end >= 0 else len(markup)
        if markup.startswith(("<!", "<?", "</"), at):
            end = self._find(">", at)
            return end + 1 if end >= 0 else len(markup)
        return at + 1

    def tag_end(self, start: int) -> int:
        """Find the `>` that ends a tag, knowing quoted attributes."""
        markup, position = self._markup, start
        while True:
            end = self._find(">", position)
            if end < 0:
                return len(markup)
            quote = self._open_quote(position, end)
            if not quote:
                return end
            close = self._find(quote, end)
            if close < 0 or close - start > _MAX_TAG:
                return end
            position = close + 1

    def _open_quote(self, start: int, end: int) -> str:
        """Return the quote left open by an attribute in this stretch."""
        stretch = self._markup[start:end]
        opened = ""
        for match in re.finditer(r"=\s*+[\"']|[\"']", stretch):
            quote = match.group()[-1]
            if opened:
                opened = "" if quote == opened else opened
            elif len(match.group()) > 1:
                opened = quote
        return opened

    def find_close(self, tag: str, start: int) -> int:
        if self._lowered is None:
            lowered = self._markup.lower()
            same = len(lowered) == len(self._markup)
            self._lowered = lowered if same else self._markup
        end = self._find(f"</{tag}", start, self._lowered)
        return end if end >= 0 else len(self._markup)


class _Writer:
    """Collects lines, with spaces as HTML has them."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._skipped = ""
        self._skip_depth = 0
        self._pre = 0
        self._lists: list[int] = []
        self._link = ""
        self._link_start = 0
        self._wants_blank = False

    def write(self, text: str) -> None:
        if self._skipped:
            return
        if self._pre:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._put(first)
            for line in rest:
                self._end_line(keep_empty=True)
                self._put(line)
            return
        text = _INVISIBLE.sub("", _SPACE.sub(" ", text))
        if not self._line or self._line[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self._put(text)

    def _put(self, text: str) -> None:
        self._line.append(text.replace("\xa0", " "))

    def tag(self, tag: str, attributes: str) -> None:
        name = tag.lstrip("/")
        if self._skipped:
            self._count_skipped(tag)
        elif self._skips(tag, attributes):
            self._skipped, self._skip_depth = tag, 1
        elif tag in _HANDLERS:
            _HANDLERS[tag](self, attributes)
        elif name in _PARAGRAPHS:
            self._break(blank=True)
        elif name in _LINES:
            self._break(blank=False)

    def text(self) -> str:
        self._break(blank=False)
        return _MANY_BLANKS.sub("\n\n", "\n".join(self._lines)).strip("\n")

    def _skips(self, name: str, attributes: str) -> bool:
        if name in _SKIPPED:
            return True
        hides = "none" in attributes or "mso-hide" in attributes
        is_container = name in ("div", "span", "p", "td", "table", "tr")
        return is_container and hides and bool(_HIDDEN.search(attributes))

    def _count_skipped(self, tag: str) -> None:
        if tag == self._skipped:
            # Heads and scripts do not nest; a second opening is a broken first one.
            self._skip_depth += tag not in _SKIPPED
        elif tag == f"/{self._skipped}" or (self._skipped == "head" and tag == "body"):
            self._skip_depth -= 1
        if not self._skip_depth:
            self._skipped = ""

    def _break(self, *, blank: bool) -> None:
        self._end_line(keep_empty=False)
        self._wants_blank = self._wants_blank or blank

    def _end_line(self, *, keep_empty: bool) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._pre else line.strip()
        self._line = []
        self._link_start = 0
        if not line and not keep_empty:
            return
        if self._wants_blank and self._lines:
            self._lines.append(self._prefix().rstrip())
        self._wants_blank = False
        self._lines.append((self._prefix() + line).rstrip())

    def _prefix(self) -> str:
        return "> " * min(self._quotes, _MAX_QUOTES)

    def break_line(self, _attributes: str) -> None:
        self._end_line(keep_empty=True)

    def rule(self, _attributes: str) -> None:
        self._break(blank=False)
        self._put("---")
        self._break(blank=False)

    def open_quote(self, _attributes: str) -> None:
        self._break(blank=True)
        self._quotes += 1

    def close_quote(self, _attributes: str) -> None:
        self._break(blank=True)
        self._quotes = max(0, self._quotes - 1)

    def open_preformatted(self, _attributes: str) -> None:
        self._break(blank=True)
        self._pre += 1

    def close_preformatted(self, _attributes: str) -> None:
        self._break(blank=True)
        self._pre = max(0, self._pre - 1)

    def open_bullets(self, _attributes: str) -> None:
        self._break(blank=not self._lists)
        self._lists.append(-1)

    def open_numbers(self, _attributes: str) -> None:
        self._break(blank=not self._lists)
        self._lists.append(0)

    def close_list(self, _attributes: str) -> None:
        if self._lists:
            self._lists.pop()
        self._break(blank=not self._lists)

    def open_item(self, _attributes: str) -> None:
        self._break(blank=False)
        number = self._lists[-1] if self._lists else -1
        indent = "  " * min(len(self._lists) - 1, 10)
        if number >= 0:
            self._lists[-1] = number + 1
            self._line = [f"{indent}{number + 1}. "]
        else:
            self._line = [f"{indent}- "]

    def close_cell(self, _attributes: str) -> None:
        if self._line:
            self._line.append(" ")

    def image(self, attributes: str) -> None:
        alternative = _attribute(attributes, "alt").strip()
        if alternative:
            self.write(f"[{alternative}]")

    def open_link(self, attributes: str) -> None:
        self._link = _attribute(attributes, "href").strip()
        self._link_start = len(self._line)

    def close_link(self, _attributes: str) -> None:
        target, self._link = self._link, ""
        if target:
            shown = "".join(self._line[self._link_start :]).strip()
            if shown and _is_worth_showing(target, shown):
                self._put(f" <{target}>")


def _is_worth_showing(target: str, shown: str) -> bool:
    if not target.lower().startswith(("http://", "https://", "mailto:", "tel:")):
        return False
    bare = target.partition(":")[2].strip("/").lower()
    return shown.lower().strip("/ ") not in (target.lower().strip("/"), bare) and (
        bare.removeprefix("www.") != shown.lower().strip("/ ").removeprefix("www.")
    )


def _attribute(attributes: str, name: str) -> str:
    for match in _ATTRIBUTE.finditer(attributes):
        if match.group(1).lower() == name:
            value = match.group(2) or match.group(3) or match.group(4) or ""
            return html.unescape(value)
    return ""


_HANDLERS: dict[str, Callable[[_Writer, str], None]] = {
    "br": _Writer.break_line,
    "/br": _Writer.break_line,
    "hr": _Writer.rule,
    "blockquote": _Writer.open_quote,
    "/blockquote": _Writer.close_quote,
    "pre": _Writer.open_preformatted,
    "/pre": _Writer.close_preformatted,
    "ul": _Writer.open_bullets,
    "/ul": _Writer.close_list,
    "ol": _Writer.open_numbers,
    "/ol": _Writer.close_list,
    "li": _Writer.open_item,
    "/td": _Writer.close_cell,
    "/th": _Writer.close_cell,
    "img": _Writer.image,
    "a": _Writer.open_link,
    "/a": _Writer.close_link,
}
