"""Reads header blocks and decodes header values."""

import re
from collections.abc import Callable, Iterator

from channels_ingest.adapters.email.charsets import clean, decode
from channels_ingest.adapters.email.defects import Defects
from channels_ingest.adapters.email.encoded_words import decode_words
from channels_ingest.adapters.email.limits import (
    MAX_HEADER_BLOCK_BYTES,
    MAX_HEADER_BYTES,
    MAX_HEADER_LINES,
    MAX_HEADERS,
)

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_TRANSPORT = (
    rb"received|return-path|message-id|mime-version|content-[a-z-]{1,40}|x-[a-z-]{1,60}"
    rb"|delivered-to|dkim-signature|authentication-results|references|in-reply-to"
)
_USUAL = re.compile(rb"(?im)^(?:" + _TRANSPORT + rb")[ \t]*:")
_USUAL_OR_PEOPLE = re.compile(
    rb"(?im)^(?:from|to|cc|subject|date|" + _TRANSPORT + rb")[ \t]*:"
)
_LOOK_AHEAD = 5
"""Lines after a broken one in which a header must follow."""
_BLANK = re.compile(rb"\n[ \t]*\r*\n")
_NOT_SPACE = re.compile(rb"[^\r\n \t]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class Headers:
    """The headers of one part, undecoded and in order."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields
        self._by_name: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._by_name.setdefault(name.lower(), []).append(value)

    def all(self, name: str) -> list[bytes]:
        return self._by_name.get(name, [])

    def first(self, name: str) -> bytes:
        """Return the first value of a lower-case name that is not blank."""
        for raw in self.all(name):
            if raw.strip():
                return raw
        return b""

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


def raw_text(raw: bytes, hint: str = "") -> str:
    """Decode the bytes of a header value; encoded words stay as they are."""
    if raw.isascii() and b"\x1b" not in raw:
        text = raw.decode("ascii")
    else:
        text = decode(raw, "", hint).text
    return text if text.isprintable() else _CONTROLS.sub(" ", text)


def header_text(raw: bytes, hint: str = "") -> str:
    """Decode a header value for people to read."""
    text = raw_text(raw, hint)
    if "=?" in text:
        text = _CONTROLS.sub(" ", clean(decode_words(text)))
    return text.strip()


def read_header_block(
    source: bytes,
    position: int,
    defects: Defects,
    limit: int | None = None,
    delimits: Callable[[bytes], object] | None = None,
) -> tuple[Headers, int]:
    """Return the headers at `position` and where the body starts.

    `delimits` recognizes a line that ends the part before its blank line came.
    """
    block = _Block(source, len(source) if limit is None else limit, defects)
    if delimits is None:
        position = block.skip_envelope(position)
    return block.read(position, delimits)


_MAX_BROKEN_LINES = 100


def _end_of_space(source: bytes, position: int) -> int:
    found = _NOT_SPACE.search(source, position)
    return found.start() if found else len(source)


class _Block:
    def __init__(self, source: bytes, limit: int, defects: Defects) -> None:
        self._source = source
        self._limit = limit
        self._defects = defects
        self._lines: list[tuple[str, list[bytes], int]] = []
        self._broken_lines = 0
        self._is_root = False

    def skip_envelope(self, position: int) -> int:
        """Step over what precedes the first header: blank lines, mbox's From line."""
        self._is_root = True
        source = self._source
        if source.startswith(b"\xef\xbb\xbf", position):
            position += 3
        start = position
        position = _end_of_space(source, position)
        at = max(source.rfind(b"\n", start, position) + 1, start)
        while source[at : at + 6].startswith((b"From ", b">From ")):
            at = self._line_end(at)
        return at

    def _line_end(self, position: int) -> int:
        end = self._source.find(b"\n", position, self._limit)
        return self._limit if end < 0 else end + 1

    def read(
        self, position: int, delimits: Callable[[bytes], object] | None
    ) -> tuple[Headers, int]:
        stop = position + MAX_HEADER_BLOCK_BYTES
        for _ in range(MAX_HEADER_LINES):
            if position > stop:
                break
            end = self._line_end(position)
            line = self._source[position : min(end, position + MAX_HEADER_BYTES)]
            if not line or (delimits and line[:2] == b"--" and delimits(line)):
                return self._headers(), position
            if not line.strip() and not self._goes_on(line, end):
                return self._headers(), end
            if not self._take(line, end):
                self._defects.note("The blank line after the headers was missing.")
                return self._headers(), position
            position = end
        return self._headers(), self._skip_rest(position)

    def _goes_on(self, line: bytes, end: int) -> bool:
        """Tell whether a line of spaces is a folded line rather than the end."""
        if not line.strip(b"\r\n") or not self._lines:
            return False
        return bool(_USUAL.match(self._source[end : end + 300]))

    def _take(self, line: bytes, end: int) -> bool:
        """Add a line to the headers; false if the body starts here."""
        if line[:1] in (b" ", b"\t") and self._lines:
            return self._fold(line)
        match = _FIELD.match(line)
        if match:
            name = match.group(1).decode("ascii")
            self._lines.append((name, [line[match.end() :]], len(line)))
            return True
        if self._broken_lines < _MAX_BROKEN_LINES and self._headers_follow(end):
            self._broken_lines += 1
            self._defects.note("A line among the headers was no header.")
            return True
        return False

    def _headers_follow(self, position: int) -> bool:
        """Tell whether a line is an accident rather than the start of the body.

        People quote From and Subject in their text, but no transport headers.
        """
        end = position
        for _ in range(_LOOK_AHEAD):
            line_end = self._line_end(end)
            if not self._source[end : min(line_end, end + 10)].strip():
                break
            end = min(line_end, end + 1000)
        has_author = any(name.lower() == "from" for name, _, _ in self._lines[-100:])
        usual = _USUAL if has_author or not self._is_root else _USUAL_OR_PEOPLE
        return bool(usual.search(self._source[position:end]))

    def _fold(self, line: bytes) -> bool:
        name, lines, length = self._lines[-1]
        if length + len(line) <= MAX_HEADER_BYTES:
            lines.append(line)
            self._lines[-1] = name, lines, length + len(line)
        else:
            self._defects.note(f"A header was longer than {MAX_HEADER_BYTES} bytes.")
        return True

    def _skip_rest(self, position: int) -> int:
        self._defects.note("Its headers were too long to read all of them.")
        blank = _BLANK.search(self._source, max(0, position - 1), self._limit)
        return blank.end() if blank else self._limit

    def _headers(self) -> Headers:
        if len(self._lines) > MAX_HEADERS:
            self._defects.note(f"Only its first {MAX_HEADERS} headers were kept.")
        return Headers(
            [
                (name, b"".join(lines).translate(None, b"\r\n").strip())
                for name, lines, _ in self._lines[:MAX_HEADERS]
            ]
        )
