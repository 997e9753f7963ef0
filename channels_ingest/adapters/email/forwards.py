"""Find the message that somebody forwarded, and who wrote it."""

# Words in many scripts.
# ruff: noqa: E501

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from channels_ingest.adapters.email.parsed import ParsedMail
from channels_ingest.adapters.email.replies.dates import read_date
from channels_ingest.adapters.email.replies.headers import HeaderBlock, find_block
from channels_ingest.adapters.email.replies.lines import cleaned
from channels_ingest.adapters.email.replies.markers import (
    is_forward,
    is_rule,
    is_separator,
    may_be_forward,
)
from channels_ingest.adapters.email.replies.text import trim_blank_lines

MOST_LINES = 5_000
LONGEST_LINE = 1_000
LINES_TO_HEADER = 6
"""How far below a marker its header may begin."""

_FORWARD_SUBJECT = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|i|inoltra|doorst|vb|vl|vid|pd|ilt|i̇lt|ynt fwd|přep|továbbítás"
    r"|προώθ|πρθ|пересл|перенапр|пд|תמסורת|הועבר|إعادة توجيه|تحويل|转发|轉寄|轉發|転送|전달)"
    r"(?:\[\d{1,3}\])?\s?[:\uff1a]",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"(?:\s{0,3}>)+ ?")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
_AFTER_NAME = re.compile(r"[<(\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A message inside another one's text."""

    before: str
    """What the person who forwarded it wrote above."""
    embedded: str
    """The message, from its first header line."""
    body: str
    """The message without its header."""
    author_name: str
    author_email: str
    """Empty if the header gives a name only."""
    subject: str
    sent_at: datetime | None
    """In UTC if the header names no time zone."""
    is_marked: bool
    """A line said "forwarded". Otherwise it may as well be the history of a reply."""


def find_forward(text: str) -> Forward | None:
    """Return the first message that the text embeds with its header, if any."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", MOST_LINES)
    clean = [cleaned(line[:LONGEST_LINE]) for line in lines]
    bare = [_QUOTE.sub("", line, count=1) for line in clean]
    marker = _first_marker(bare)
    block = _first_block(bare, marker)
    if block is None:
        return None
    start = block.start if marker is None else marker
    return _forward(lines, clean, start, block, is_marked=_says_forward(bare, marker))


def find_forward_in(mail: ParsedMail) -> Forward | None:
    """Return the message that a mail forwards in its text or as an attached mail.

    Not meant for bounces, which return the mail that bounced.
    """
    found = find_forward(mail.text or "")
    if found and (found.is_marked or says_forward(mail.subject)):
        return replace(found, is_marked=True)
    attached = (each.message for each in mail.attachments if each.message)
    message = next(attached, None)
    return _from_attached(mail, message) if message else found


def says_forward(subject: str) -> bool:
    """Tell whether a subject begins with "Fwd:" or a translation of it."""
    return bool(_FORWARD_SUBJECT.match(subject[:LONGEST_LINE]))


def _from_attached(mail: ParsedMail, message: ParsedMail) -> Forward:
    text = message.text or ""
    return Forward(
        before=trim_blank_lines(mail.text or ""),
        embedded=text,
        body=text,
        author_name=message.from_name,
        author_email=message.from_email.lower(),
        subject=message.subject,
        sent_at=message.date,
        is_marked=True,
    )


def _first_marker(bare: Sequence[str]) -> int | None:
    """Return the first line that announces a message and has a header below it."""
    for i, line in enumerate(bare):
        if _announces(line) and _block_below(bare, i):
            return i
    return None


def _announces(line: str) -> bool:
    return is_forward(line) or may_be_forward(line) or is_separator(line)


def _says_forward(bare: Sequence[str], marker: int | None) -> bool:
    return marker is not None and not is_separator(bare[marker])


def _first_block(bare: Sequence[str], marker: int | None) -> HeaderBlock | None:
    """Return the header below the marker, or one that comes before it."""
    i, limit = 0, len(bare) if marker is None else marker
    while i < limit:
        block = find_block(bare, i) if bare[i] else None
        if block and block.is_convincing and _is_complete(block):
            return block
        i = block.end if block else i + 1
    return None if marker is None else _block_below(bare, marker)


def _is_complete(block: HeaderBlock) -> bool:
    return "from" in block.fields and len(block.fields) >= 3


def _block_below(bare: Sequence[str], marker: int) -> HeaderBlock | None:
    for i in range(marker + 1, min(len(bare), marker + LINES_TO_HEADER)):
        block = find_block(bare, i) if bare[i].strip() else None
        if block:
            return block if block.fields.keys() & {"from", "date", "to"} else None
    return None


def _forward(
    lines: Sequence[str],
    clean: Sequence[str],
    start: int,
    block: HeaderBlock,
    *,
    is_marked: bool,
) -> Forward:
    start = min(start, block.start)
    embedded = _unquoted(lines[block.start :])
    fields = block.fields
    name, address = read_author(fields.get("from", ""))
    return Forward(
        before=_without_last_rules(lines[:start]),
        embedded=trim_blank_lines("\n".join(embedded)),
        body=trim_blank_lines("\n".join(embedded[block.end - block.start :])),
        author_name=name,
        author_email=address,
        subject=fields.get("subject", "")[:LONGEST_LINE],
        sent_at=read_date(fields.get("date", "")),
        is_marked=is_marked,
    )


def _unquoted(lines: Sequence[str]) -> list[str]:
    """Take one level of ">" away if the whole message has it."""
    first = re.match(r"\s{0,3}> ?", lines[0])
    if not first:
        return list(lines)
    depth = _depth(lines[0])
    return [re.sub(rf"\A(?:\s{{0,3}}>){{1,{depth}}} ?", "", line) for line in lines]


def _depth(line: str) -> int:
    quote = _QUOTE.match(line)
    return min(quote[0].count(">"), 50) if quote else 0


def _without_last_rules(lines: Sequence[str]) -> str:
    kept = list(lines)
    while kept and _is_empty(kept[-1]):
        kept.pop()
    return trim_blank_lines("\n".join(kept))


def _is_empty(line: str) -> bool:
    bare = line.strip(" \t>\u00a0")
    return not bare or is_rule(bare)


def read_author(value: str) -> tuple[str, str]:
    """Return name and address of a From line as a mail program shows it.

    Also takes `Maya [mailto:maya@example.com]` and `maya@example.com on behalf of …`.
    """
    value = value[:LONGEST_LINE].replace("mailto:", " ").strip()
    found = _ADDRESS.search(value)
    address = found[0].rstrip(".") if found else ""
    end = found.start() if found else len(value)
    bracket = _AFTER_NAME.search(value)
    name = value[: min(end, bracket.start() if bracket else end)]
    return name.strip(" \t\"'*,;:<>\u201c\u201d"), address.lower() if address else ""
