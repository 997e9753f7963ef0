"""Take a delivery report apart: its own words, its fields, the message it returns."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.header import decode_header, make_header
from email.message import Message

from channels_ingest.adapters.email.bounces.html_text import visible_lines

# A report says what it has to say in its first lines; the rest is the message itself.
_MOST_LINES = 3000
_LONGEST_LINE = 1000
_MOST_BYTES = 400_000
_MOST_PARTS = 200
_MOST_HEADERS = 300

_FOLLOWS = (
    r"(?:(?:is|was|are|as|in)\W{1,3})?(?:follow\w*|included|attached|below|reads?)"
)
_RETURNED = re.compile(
    r"^[\W_]{0,80}(?:"
    r"(?:(?:this|below(?: this line)?|here|included) is )?(?:a |the )?"
    r"(?:copy|text|headers?|beginning) of (?:the |your )?(?:original )?"
    r"(?:message|mail|body)[^@\n]{0,60}|"
    r"(?:the |your )?(?:original|returned|undelivered|unsent|rejected|bounced|old) "
    rf"(?:e-?mail|message|mail)(?: text| headers?| body| details)?(?: {_FOLLOWS})?|"
    rf"(?:message|mail) (?:text|headers?|body|contents?) {_FOLLOWS}|"
    rf"(?:your message|message|mail) {_FOLLOWS}|"
    r"start of (?:returned|original) message|"
    r"below (?:this|the next) line[^@\n]{0,60}"
    r")[\W_]{0,80}$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60}): ?(.*)$", re.DOTALL)
_KNOWN_HEADERS = frozenset(
    (
        "received",
        "return-path",
        "message-id",
        "from",
        "to",
        "subject",
        "date",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "x-mailer",
        "user-agent",
        "reply-to",
        "cc",
        "sender",
        "delivered-to",
        "dkim-signature",
        "domainkey-signature",
        "authentication-results",
        "references",
        "in-reply-to",
        "x-original-to",
        "errors-to",
        "precedence",
        "list-id",
    )
)
_LOST_BOUNDARY = re.compile(
    r"^--([\w'()+,./:=?\-]{6,70})[ \t]*\r?\n[Cc]ontent-[Tt]ype:", re.MULTILINE
)
# Fields that the text of a report itself may have, one below the other.
_MESSAGE_ONLY = frozenset(
    (
        "received",
        "message-id",
        "mime-version",
        "return-path",
        "date",
        "dkim-signature",
        "domainkey-signature",
        "content-type",
        "x-mailer",
        "user-agent",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The pieces of a delivery report, decoded and bounded."""

    subject: str
    lines: tuple[str, ...]
    """What the reporting server wrote to a person, without the returned message."""
    fields: tuple[str, ...]
    """The lines of the machine-readable part (RFC 3464)."""
    original_headers: tuple[tuple[str, str], ...]
    has_status_part: bool
    has_returned_part: bool


def take_apart(message: Message) -> Report:
    """Split `message` into report, fields and the returned message's headers."""
    subject = decoded_header(message, "Subject")
    message = with_lost_structure(message)
    lines: list[str] = []
    rich_lines: list[str] = []
    fields: list[str] = []
    headers: tuple[tuple[str, str], ...] = ()
    has_status = has_returned = False
    for part in _parts_of_the_report(message):
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            has_status = True
            fields += _raw_lines(part)
        elif _is_returned_message(part):
            has_returned = True
            headers = headers or headers_of_returned(part)
        elif kind == "text/html":
            rich_lines += visible_lines(_text_of(part))
        elif not part.is_multipart() and _is_words(part, kind):
            lines += _text_of(part).splitlines()
    own, inline = _cut_at_returned(lines or rich_lines)
    return Report(
        subject=subject,
        lines=own,
        fields=tuple(fields[:_MOST_LINES]),
        original_headers=headers or inline,
        has_status_part=has_status,
        has_returned_part=has_returned or bool(inline),
    )


def with_lost_structure(message: Message) -> Message:
    """Find the parts of a message whose Content-Type got lost on its way."""
    payload = message.get_payload()
    if message.is_multipart() or not isinstance(payload, str):
        return message
    found = _LOST_BOUNDARY.search(payload[:20_000])
    if not found or _is_within_a_message(payload[: found.start()]):
        return message
    head = f'Content-Type: multipart/mixed; boundary="{found.group(1)}"\n\n'
    whole = message_from_string(head + payload[:_MOST_BYTES])
    return whole if whole.is_multipart() else message


def _is_within_a_message(before: str) -> bool:
    """These are no few words ahead of the first part, but another message's start."""
    lines = [line for line in before.splitlines() if line.strip()]
    return len(lines) > 8 or any(_known(line) for line in lines)


def _is_words(part: Message, kind: str) -> bool:
    return kind.startswith(("text/", "message/")) or part.get_filename() is None


def _parts_of_the_report(message: Message) -> Iterator[Message]:
    """The leaves of `message`, never looking into a message that it encloses."""
    waiting, seen = [message], 0
    while waiting and seen < _MOST_PARTS:
        part = waiting.pop()
        seen += 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [p for p in reversed(payload) if isinstance(p, Message)]
        else:
            yield part


def _is_returned_message(part: Message) -> bool:
    kind = part.get_content_type()
    if kind in (
        "message/rfc822",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global",
        "message/global-headers",
        "message/partial",
    ):
        return True
    described = str(part.get("Content-Description", "")).lower()
    return "undelivered" in described or "original message" in described


def headers_of_returned(part: Message) -> tuple[tuple[str, str], ...]:
    """The headers of the message that `part` carries."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        inner = payload[0]
        if inner.keys():
            return _bounded(inner)
        return _header_block(_text_of(inner).splitlines())
    return _header_block(_text_of(part).splitlines())


def _bounded(inner: Message) -> tuple[tuple[str, str], ...]:
    pairs = inner.items()
    kept: list[tuple[str, str]] = []
    for name, value in pairs:
        kept.append((name, _unfolded(str(value))))
        if len(kept) >= _MOST_HEADERS:
            break
    return tuple(kept)


def _unfolded(value: str) -> str:
    return " ".join(value[: _LONGEST_LINE * 10].split())


def _raw_lines(part: Message) -> list[str]:
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else [part]
    lines: list[str] = []
    for block in blocks[:_MOST_LINES]:
        if not isinstance(block, Message):
            continue
        if block is not part:
            for name, value in block.items():
                lines += f"{name}: {value}".splitlines()
        lines += [*_text_of(block).splitlines(), ""]
    return [_readable(line[:_LONGEST_LINE]) for line in lines[:_MOST_LINES]]


def _readable(text: str) -> str:
    """Text that was written in the bytes of some language, not encoded."""
    if text.isascii() and "\x1b" not in text:
        return text
    return decode_bytes(text.encode("utf-8", "surrogateescape"), "")


def _text_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    payload = payload[:_MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    charset = part.get_content_charset("") or ""
    return decode_bytes(payload, charset).replace("\0", "")


def decode_bytes(raw: bytes, charset: str) -> str:
    """Decode with the charset that is named, else with one that fits."""
    if b"\x1b$" in raw or b"\x1b(" in raw:
        charset = "iso2022_jp_2"
    for name in filter(None, (charset, "utf-8", "cp1252")):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("latin-1")


def decoded_header(message: Message, name: str) -> str:
    """A header as people read it, on one line; "" if there is none."""
    value = message.get(name)
    if value is None:
        return ""
    text = _without_raw_bytes(message, name, str(value))[:_LONGEST_LINE]
    with contextlib.suppress(LookupError, UnicodeError, ValueError):
        text = str(make_header(decode_header(text)))
    return " ".join(text[:_LONGEST_LINE].split())


def _without_raw_bytes(message: Message, name: str, value: str) -> str:
    """Some servers write a header in the bytes of their language, not encoded."""
    for key, raw in message.raw_items():
        if key.lower() == name.lower():
            text = str(raw)
            return value if text.isascii() else _readable(text)
    return value


def _cut_at_returned(
    lines: list[str],
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """What comes before the returned message, and that message's headers."""
    lines = [line[:_LONGEST_LINE] for line in lines[:_MOST_LINES]]
    for index, line in enumerate(lines):
        if index and _RETURNED.match(line) and _ends_the_report(lines, index):
            return tuple(lines[:index]), _header_block(lines[index + 1 :])
        if _is_header_block(lines, index):
            return tuple(lines[:index]), _header_block(lines[index:])
    return tuple(lines), ()


def _ends_the_report(lines: list[str], index: int) -> bool:
    """The line is a rule with a title, or headers follow within a few lines."""
    if re.match(r"\s{0,20}[-=*_]{2}", lines[index]):
        return True
    ahead = [line for line in lines[index + 1 : index + 7] if line.strip()]
    return any(_known(line) or line.startswith("From ") for line in ahead)


def _known(line: str) -> str:
    found = _HEADER.match(line.lstrip())
    name = found.group(1).lower() if found else ""
    return name if name in _KNOWN_HEADERS or name.startswith("x-") else ""


def _is_header_block(lines: list[str], index: int) -> bool:
    """Three known headers follow each other here, one of them no report's own."""
    if not _known(lines[index]):
        return False
    names: list[str] = []
    for line in lines[index : index + 25]:
        if not line.strip():
            break
        if line[0] in " \t" and names and not _known(line):
            continue
        name = _known(line)
        if not name:
            break
        names.append(name)
    return len(set(names)) >= 3 and not _MESSAGE_ONLY.isdisjoint(names)


def _header_block(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """Read headers until the first line that is none."""
    pairs: list[tuple[str, str]] = []
    for line in lines[:_MOST_LINES]:
        found = _HEADER.match(line.lstrip("> "))
        if found and line[:1] not in " \t":
            pairs.append((found.group(1), _unfolded(found.group(2))))
        elif pairs and line[:1] in (" ", "\t") and line.strip():
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {line.strip()}"[: _LONGEST_LINE * 10])
        elif pairs:
            break
        if len(pairs) >= _MOST_HEADERS:
            break
    return tuple(pairs)
