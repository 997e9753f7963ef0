"""From, Sent, To and Subject above the history: Outlook's way in every language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from channels_ingest.adapters.email.replies.words import HEADER_NAMES

FIELD_OF_NAME = {
    name.casefold(): field for field, names in HEADER_NAMES.items() for name in names
}
LONGEST_NAME = max(map(len, FIELD_OF_NAME)) + 8
LONGEST_BLOCK = 40
"""Lines; a long list of recipients wraps."""

_COLON = re.compile("[:\uff1a]")
_INNER_FIELD = re.compile(r"(?<=\s)([^\W\d]{2,20})\s?[:\uff1a]")
_HAS_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>]")
_HAS_TIME = re.compile(r"\d\s?[:.h\u6642\u65f6]\s?\d\d|\d{4}")
_DECORATION = " \t*_>|\u2022"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderBlock:
    """The header of an embedded message."""

    start: int
    end: int
    """The line after its last one."""
    fields: dict[str, str]

    @property
    def is_convincing(self) -> bool:
        """Tell a mail's header from a form with "From: Paris, To: London"."""
        return _is_convincing(self.fields)


def read_field(line: str) -> tuple[str, str] | None:
    """Return the field and the value of a header line.

    `*From:* Maya <maya@example.com>` is `("from", "Maya <maya@example.com>")`.
    """
    match = _COLON.search(line, 0, LONGEST_NAME + 12)
    if not match:
        return None
    name = line[: match.start()].strip(_DECORATION).casefold()
    field = FIELD_OF_NAME.get(name)
    if field is None:
        return None
    return field, line[match.end() :].strip(_DECORATION[:4])


def find_block(lines: Sequence[str], start: int) -> HeaderBlock | None:
    """Return the run of header lines that begins at a line, convincing or not."""
    first = read_field(lines[start])
    if first is None or first[0] == "other":
        return None
    return _gather(lines, start, first)


def _gather(lines: Sequence[str], start: int, first: tuple[str, str]) -> HeaderBlock:
    fields: dict[str, str] = dict([first])
    current, end = first[0], start + 1
    pending: list[str] = []
    for position in range(start + 1, min(len(lines), start + LONGEST_BLOCK)):
        line = lines[position]
        found = read_field(line)
        if found is None:
            pending.append(line)
            if not _may_continue(pending):
                break
            continue
        fields[current] = " ".join([fields[current], *pending]).strip()
        pending = []
        current, end = found[0], position + 1
        fields.setdefault(*found)
    _add_inner_fields(fields)
    return HeaderBlock(start=start, end=end, fields=fields)


def _may_continue(pending: list[str]) -> bool:
    """A wrapped value, or the blank line that some programs put between fields."""
    blanks = sum(not line.strip() for line in pending)
    if blanks:
        return blanks == len(pending) == 1
    return len(pending) <= 12


def _add_inner_fields(fields: dict[str, str]) -> None:
    """Find the fields of a header that lost its line breaks."""
    for value in list(fields.values()):
        for match in _INNER_FIELD.finditer(value[:2000]):
            field = FIELD_OF_NAME.get(match[1].casefold())
            if field and field != "other":
                fields.setdefault(field, value[match.end() : match.end() + 200])


def _is_convincing(fields: dict[str, str]) -> bool:
    named = fields.keys() & {"from", "to", "cc", "date", "subject", "reply_to"}
    if len(named) < 2 or not named & {"from", "date"}:
        return False
    has_address = any(
        _HAS_ADDRESS.search(fields[field][:500])
        for field in named & {"from", "to", "cc", "reply_to"}
    )
    has_time = bool(_HAS_TIME.search(fields.get("date", "")[:200]))
    if len(named) == 2:
        return has_address and (has_time or "subject" in named)
    return "subject" in named or has_address
