"""Opening hours on the wall clock of a place: open now, and when that changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.dates import WEEKDAYS_ABBR

from channels_ingest.providers.chat.settings import DAYS, Hours

HORIZON: Final = 400
"""Days that are looked ahead: longer than any holidays."""
TO: Final = "\u2013"
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenState:
    """Whether somebody answers now."""

    is_open: bool
    changes_at: datetime | None
    """When it opens or closes next; None if it never does."""


def open_state(hours: Hours, *, now: datetime) -> OpenState:
    """Return whether it is open; without any span it always is."""
    if not any(hours.days.values()):
        return OpenState(is_open=True, changes_at=None)
    for opens_at, closes_at in _merged(_spans(hours, now=now)):
        if now < opens_at:
            return OpenState(is_open=False, changes_at=opens_at)
        if now < closes_at:
            return OpenState(is_open=True, changes_at=closes_at)
    return OpenState(is_open=False, changes_at=None)


def hours_in_words(hours: Hours) -> str:
    """Return the week on one line, such as `Mon-Fri 09:00-17:00 · Sat 10:00-14:00`."""
    if not any(hours.days.values()):
        return ""
    lines = []
    for spans, days in groupby(range(7), key=lambda it: hours.days.get(DAYS[it], ())):
        listed = list(days)
        if spans:
            times = ", ".join(f"{start}{TO}{end}" for start, end in spans)
            lines.append(f"{_days_in_words(listed)} {times}")
    return " · ".join(lines)


def zone_of(hours: Hours) -> ZoneInfo:
    """Return the clock that the hours are meant by; UTC if there is no such place."""
    try:
        return ZoneInfo(hours.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _days_in_words(days: list[int]) -> str:
    first, last = WEEKDAYS_ABBR[days[0]], WEEKDAYS_ABBR[days[-1]]
    return str(first) if len(days) == 1 else f"{first}{TO}{last}"


def _spans(hours: Hours, *, now: datetime) -> Iterator[Span]:
    """Return when it is open from yesterday on, in order, in UTC."""
    zone = zone_of(hours)
    today = now.astimezone(zone).date()
    holidays = frozenset(hours.holidays)
    for offset in range(-1, HORIZON):
        day = today + timedelta(days=offset)
        if day.isoformat() in holidays:
            continue
        for start, end in sorted(_of_day(hours, day)):
            until = end
            is_overnight = end > timedelta(days=1)
            if is_overnight and (day + timedelta(days=1)).isoformat() in holidays:
                until = timedelta(days=1)
            span = _at(day, start, zone), _end_at(day, until, zone)
            if span[0] < span[1]:
                yield span


def _of_day(hours: Hours, day: date) -> Iterator[tuple[timedelta, timedelta]]:
    """Return its spans, counted from midnight; beyond 24 hours is the next day."""
    for start, end in hours.days.get(DAYS[day.weekday()], ()):
        opens, closes = _time(start), _time(end)
        if opens is None or closes is None:
            continue
        yield opens, closes if closes > opens else closes + timedelta(days=1)


def _time(text: str) -> timedelta | None:
    """Return `09:30` as time since midnight; `24:00` is the end of a day."""
    hour, _, minute = text.strip().partition(":")
    if not (hour.isdecimal() and (minute or "0").isdecimal()):
        return None
    since = timedelta(hours=int(hour), minutes=int(minute or "0"))
    return since if since <= timedelta(days=1) and int(minute or "0") < 60 else None


def _at(day: date, since: timedelta, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    # By the wall clock: a day may have 23 or 25 hours.
    wall = datetime.combine(day, time()) + since
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _end_at(day: date, since: timedelta, zone: ZoneInfo) -> datetime:
    """Of an hour that comes twice the second; one left out ends as if it came."""
    return max(_at(day, since, zone, fold=fold) for fold in (0, 1))


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    current: Span | None = None
    for span in spans:
        if current is not None and span[0] <= current[1]:
            current = current[0], max(current[1], span[1])
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current
