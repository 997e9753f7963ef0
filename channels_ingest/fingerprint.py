"""What makes two deliveries of a mail the same mail. Standard library only."""

import hashlib
import re
from collections.abc import Iterator

MAX_HEADER_BYTES = 1_000_000
_STEADY = (b"from", b"date", b"subject")
"""Headers that no server on the way has a reason to change."""
_ID = re.compile(rb"<\s*([^<>\s]{1,900})\s*>")


def mail_key(raw: bytes) -> str:
    """Return a key that stays the same however often and by whatever way a mail comes.

    Made of the Message-ID, the headers that stay the same in transit and the body: a
    second mail that reuses an id with other words is another mail. Without a
    Message-ID it is the digest of all bytes.
    """
    head, body = _split(raw)
    fields = dict(_fields(head))
    message_id = _message_id(fields.get(b"message-id", b""))
    if not message_id:
        return f"raw:{hashlib.sha256(raw).hexdigest()}"
    digest = hashlib.sha256(message_id)
    for name in _STEADY:
        digest.update(b"\0" + b" ".join(fields.get(name, b"").split()))
    digest.update(b"\0" + body.replace(b"\r\n", b"\n").rstrip(b"\r\n"))
    return f"mail:{digest.hexdigest()}"


def _split(raw: bytes) -> tuple[bytes, bytes]:
    ends = [
        (at, len(blank))
        for blank in (b"\r\n\r\n", b"\n\n", b"\r\r")
        if (at := raw.find(blank)) >= 0
    ]
    if not ends:
        return raw[:MAX_HEADER_BYTES], b""
    at, length = min(ends)
    return raw[: min(at, MAX_HEADER_BYTES)], raw[at + length :]


def _fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each header's name and unfolded value, last one first."""
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
    for line in reversed(unfolded.splitlines()):
        name, colon, value = line.partition(b":")
        if colon:
            yield name.strip().lower(), value.strip()


def _message_id(value: bytes) -> bytes:
    found = _ID.search(value)
    return found.group(1) if found else b"".join(value.split())[:900]
