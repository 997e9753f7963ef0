"""Decodes RFC 2047 encoded words the way they are really written.

Words are found even where the standard forbids them: glued to other text, inside
quotes, with spaces or raw 8-bit characters in them, without an end. Neighbors in one
charset are joined before decoding, since many programs cut inside a character.
"""

import binascii
import re

from channels_ingest.adapters.email.charsets import codec_named, decode
from channels_ingest.adapters.email.transfer import decode_base64

_START = re.compile(r"=\?([\w.:+ -]{1,60})(?:\*[\w-]{0,20})?\?([bqBQ])\?")
_ROUNDS = 3
"""Some gateways encode what is encoded already."""


def decode_words(text: str) -> str:
    """Return the text with all encoded words replaced by what they say."""
    for _ in range(_ROUNDS):
        decoded = _decode_once(text)
        if decoded == text or not _START.search(decoded):
            return decoded
        text = decoded
    return text


class _Run:
    """Consecutive encoded words of one charset."""

    def __init__(self) -> None:
        self.charset = ""
        self.pieces: list[bytes] = []
        self.open_base64 = ""

    def add(self, charset: str, encoding: str, text: str) -> None:
        self.charset = charset
        if encoding in "bB":
            self._add_base64("".join(text.split()))
        else:
            self._close_base64()
            self.pieces.append(_decode_q(text, charset))

    def _add_base64(self, text: str) -> None:
        """Join words that were cut inside a group of four, else decode each."""
        self.open_base64 += text
        if text.endswith("=") or len(self.open_base64) % 4 == 0:
            self._close_base64()

    def _close_base64(self) -> None:
        if self.open_base64:
            self.pieces.append(decode_base64(self.open_base64.encode("utf-8")))
            self.open_base64 = ""

    def take(self) -> str:
        """Return the text of the run and start a new one."""
        self._close_base64()
        data, self.pieces = b"".join(self.pieces), []
        return decode(data, self.charset).text if data else ""


def _decode_once(text: str) -> str:
    parts: list[str] = []
    run, position = _Run(), 0
    for start, end, charset, encoding, content in _words(text):
        between = text[position:start]
        if between.strip() or position == 0:
            parts += run.take(), between
        elif codec_named(charset) != codec_named(run.charset):
            parts.append(run.take())
        run.add(charset, encoding, content)
        position = end
    return "".join([*parts, run.take(), text[position:]])


def _words(text: str) -> list[tuple[int, int, str, str, str]]:
    """Return start, end, charset, encoding and content of every encoded word."""
    words, position = [], 0
    while match := _START.search(text, position):
        start = match.end()
        end = text.find("?=", start)
        after = end + 2
        if end < 0:
            end = after = _end_of_token(text, start)
        words.append(
            (match.start(), after, match.group(1), match.group(2), text[start:end])
        )
        position = after
    return words


def _end_of_token(text: str, start: int) -> int:
    space = re.compile(r"\s").search(text, start)
    return space.start() if space else len(text)


def _decode_q(text: str, charset: str) -> bytes:
    try:
        data = text.encode("ascii")
    except UnicodeEncodeError:
        data = text.encode(codec_named(charset) or "utf-8", "replace")
    # Stray line ends and soft breaks do not belong here; keep "=" literal.
    data = data.replace(b"_", b" ")
    return binascii.a2b_qp(data.replace(b"=\n", b"=3D\n"))
