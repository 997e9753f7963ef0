"""Turns HTML into the text a reader would see.

One linear pass over the markup, without a tree: mail with a hundred thousand nested
or broken tags costs no more than its length. Links keep their target, quotes their
`>` marks, lists their bullets, images their description.
"""

import html
import re
from collections.abc import Callable, Iterator

from channels_ingest.adapters.email.limits import MAX_TEXT_CHARS

_TOKEN = re.compile(
    r"((?:[^<]|<(?![A-Za-z/!?]))++)"
    r"|<(/?[A-Za-z][A-Za-z0-9:-]{0,40}+)"
    r"((?:[^<>=]|=(?!\s*+[\"'])|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|=)*+)>?"
)
_VALUE = r"(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))"
_HREF = re.compile(rf"(?<![\w-])href\s*+=\s*+{_VALUE}", re.IGNORECASE)
_ALT = re.compile(rf"(?<![\w-])alt\s*+=\s*+{_VALUE}", re.IGNORECASE)
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
_HIDEABLE = frozenset({"div", "span", "p", "td", "table", "tr"})
_MAX_QUOTES = 20


def html_to_text(markup: str, limit: int = MAX_TEXT_CHARS) -> str:
    """Return the visible text, one paragraph a line; stops soon after `limit`."""
    writer = _Writer()
    for tag, content in _tokens(markup):
        if tag:
            writer.tag(tag, content)
        else:
            writer.write(html.unescape(content) if "&" in content else content)
        if writer.size > limit:
            break
    return writer.text()


def has_visible_content(markup: str) -> bool:
    """Tell whether a reader would see anything at all, pictures included."""
    hidden = ""
    for tag, content in _tokens(markup):
        if hidden:
            hidden = "" if tag == f"/{hidden}" else hidden
        elif tag in ("script", "style", "title"):
            hidden = tag
        elif tag == "img" or (not tag and html.unescape(content).strip()):
            return True
    return False


def _tokens(markup: str) -> Iterator[tuple[str, str]]:
    """Yield ("", text) and (tag name, attributes); closing names start with "/"."""
    position, size = 0, len(markup)
    finder = _Finder(markup)
    match_token = _TOKEN.match
    while position < size:
        match = match_token(markup, position)
        if match is None:
            position = finder.after_declaration(position)
            continue
        position = match.end()
        text, tag, attributes = match.groups()
        if text is not None:
            yield "", text
            continue
        tag = tag.lower()
        yield tag, attributes
        if tag in _RAW_TEXT:
            close = finder.find_close(tag, position)
            yield "", markup[position:close]
            position = close


class _Finder:
    """Finds ends of markup and remembers what is not there, to stay linear."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._lowered: str | None = None
        self._absent: set[str] = set()

    def _find(self, what: str, start: int, source: str) -> int:
        if what in self._absent:
            return -1
        at = source.find(what, start)
        if at < 0:
            self._absent.add(what)
        return at

    def after_declaration(self, at: int) -> int:
        """Step over a comment, a doctype, an instruction or a stray `</`."""
        if self._markup.startswith("<!--", at):
            end = self._find("-->", at + 2, self._markup)
            return end + 3 if end >= 0 else len(self._markup)
        end = self._find(">", at, self._markup)
        return end + 1 if end >= 0 else len(self._markup)

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
        self.size = 0
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._quotes_above = 0
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
        if self._skipped:
            self._count_skipped(tag)
            return
        if tag in _SKIPPED or (tag in _HIDEABLE and _hides(attributes)):
            self._skipped, self._skip_depth = tag, 1
            return
        handler = _HANDLERS.get(tag)
        if handler is not None:
            handler(self, attributes)

    def text(self) -> str:
        self._break(blank=False)
        return _MANY_BLANKS.sub("\n\n", "\n".join(self._lines)).strip("\n")

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
        if not self._line and not keep_empty:
            self._link_start = 0
            return
        line = "".join(self._line)
        line = line.rstrip() if self._pre else line.strip()
        self._line = []
        self._link_start = 0
        if not line and not keep_empty:
            return
        prefix = _quote_marks(self._quotes)
        if self._wants_blank and self._lines:
            shared = min(self._quotes, self._quotes_above)
            self._lines.append(_quote_marks(shared).rstrip())
        self._wants_blank = False
        self._quotes_above = self._quotes
        self._lines.append((prefix + line).rstrip())
        self.size += len(prefix) + len(line) + 1

    def break_paragraph(self, _attributes: str) -> None:
        self._break(blank=True)

    def break_block(self, _attributes: str) -> None:
        self._break(blank=False)

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
        alternative = _attribute(attributes, _ALT).strip()
        if alternative:
            self.write(f"[{alternative}]")

    def open_link(self, attributes: str) -> None:
        self._link = _attribute(attributes, _HREF).strip()
        self._link_start = len(self._line)

    def close_link(self, _attributes: str) -> None:
        target, self._link = self._link, ""
        if target:
            shown = "".join(self._line[self._link_start :]).strip()
            if shown and _is_worth_showing(target, shown):
                self._put(f" <{target}>")


def _quote_marks(depth: int) -> str:
    return "> " * min(depth, _MAX_QUOTES)


def _hides(attributes: str) -> bool:
    return len(attributes) > 8 and bool(_HIDDEN.search(attributes))


def _is_worth_showing(target: str, shown: str) -> bool:
    if not target.lower().startswith(("http://", "https://", "mailto:", "tel:")):
        return False
    bare = target.partition(":")[2].strip("/").lower()
    return shown.lower().strip("/ ") not in (target.lower().strip("/"), bare) and (
        bare.removeprefix("www.") != shown.lower().strip("/ ").removeprefix("www.")
    )


def _attribute(attributes: str, pattern: re.Pattern[str]) -> str:
    match = pattern.search(attributes)
    value = match.group(match.lastindex or 0) if match else ""
    return html.unescape(value) if "&" in value else value


_HANDLERS: dict[str, Callable[[_Writer, str], None]] = {
    **{f"{slash}{name}": _Writer.break_block for name in _LINES for slash in ("", "/")},
    **{
        f"{slash}{name}": _Writer.break_paragraph
        for name in _PARAGRAPHS
        for slash in ("", "/")
    },
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
