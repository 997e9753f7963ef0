"""What the head of a raw input says, for people; whatever it is, never an error."""

import contextlib
import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser

MAX_HEAD_BYTES = 64 * 1024
MAX_VALUE = 4_000
MAX_HEADERS = 500


def raw_headers(raw: bytes) -> list[tuple[str, str]]:
    """Return the headers as they stand in the source, in their order."""
    head = re.split(rb"\r?\n\r?\n", raw[:MAX_HEAD_BYTES], maxsplit=1)[0]
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
    return [
        (_printable(name).strip(), _printable(value).strip()[:MAX_VALUE])
        for line in unfolded.splitlines()[:MAX_HEADERS]
        for name, colon, value in [line.partition(b":")]
        if colon
    ]


def title_and_sender(raw: bytes) -> tuple[str, str]:
    """Return Subject and From, decoded as far as they can be."""
    try:
        headers = BytesHeaderParser().parsebytes(raw[:MAX_HEAD_BYTES])
        return _decoded(headers.get("Subject")), _decoded(headers.get("From"))
    except (ValueError, LookupError, AttributeError):
        return "", ""


def source_text(raw: bytes, *, limit: int) -> str:
    """Return the source as text that can be shown, cut after `limit` bytes."""
    return _printable(raw[:limit])


def _decoded(value: object) -> str:
    if value is None:
        return ""
    text = str(value)[:MAX_VALUE]
    with contextlib.suppress(ValueError, LookupError):
        text = str(make_header(decode_header(text)))
    return _printable(text.encode("utf-8", errors="replace"))[:300]


def _printable(raw: bytes) -> str:
    return "".join(_shown(raw.decode("utf-8", errors="replace")))


def _shown(text: str) -> Iterator[str]:
    for character in text:
        if character in "\n\t" or (character >= " " and character != "\x7f"):
            yield character
        elif character != "\r":
            yield "\ufffd"
