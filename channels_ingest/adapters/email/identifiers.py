"""Reads message ids and dates out of headers."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from channels_ingest.adapters.email.limits import MAX_REFERENCES

_BRACKETED = re.compile(r"<([^<>]{1,2000})>")
_TOKEN = re.compile(r"[^\s<>,;\"()]+")
_SPACE = re.compile(r"\s+")
_ISO_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?"
    r"(?:\.\d{1,9})?\s*(Z|[+-]\d\d:?\d\d)?"
)


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Return the ids in order, each once, without angle brackets.

    A long list keeps its first (the thread's start) and its latest ids.
    """
    found: dict[str, None] = {}
    for value in values:
        bracketed = [_SPACE.sub("", item) for item in _BRACKETED.findall(value)]
        for item in bracketed or _TOKEN.findall(value):
            if bracketed or "@" in item[1:-1]:
                found[item] = None
    ids = [item for item in found if item]
    if len(ids) > MAX_REFERENCES:
        ids = ids[:1] + ids[1 - MAX_REFERENCES :]
    return tuple(ids)


def own_message_id(value: str) -> str:
    """Return the id of a mail, also one without brackets or without `@`."""
    ids = message_ids([value])
    return ids[0] if ids else _SPACE.sub("", value).strip("<>")[:998]


def parse_date(value: str) -> datetime | None:
    """Return an aware time; None if the text is no date that can exist."""
    value = value.strip()[:200]
    iso = _ISO_DATE.match(value)
    try:
        return _from_iso(iso) if iso else _from_rfc(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _from_rfc(value: str) -> datetime | None:
    parsed = parsedate_tz(value)
    if parsed is None:
        return None
    offset = parsed[9] or 0
    zone = UTC if not offset else timezone(timedelta(seconds=offset))
    second = min(parsed[5], 59)
    return datetime(*parsed[:5], second, tzinfo=zone)


def _from_iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (
        int(part or 0) for part in match.groups()[:6]
    )
    zone = match.group(7) or "Z"
    tzinfo = UTC
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        sign = -1 if zone[0] == "-" else 1
        tzinfo = timezone(sign * timedelta(hours=hours, minutes=minutes))
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=tzinfo)
