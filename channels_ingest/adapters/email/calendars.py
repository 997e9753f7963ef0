"""Makes invitations readable: what, when, where, who."""

from datetime import date, datetime, timedelta
from typing import Any

from channels_ingest.adapters.email.charsets import clean
from channels_ingest.adapters.email.limits import (
    MAX_CALENDAR_BYTES,
    MAX_CALENDAR_EVENTS,
)
from channels_ingest.adapters.email.parsed import CalendarEvent

_MAX_PEOPLE = 50
_METHODS = {
    "CANCEL": "Canceled",
    "REPLY": "Answer to an invitation",
    "REQUEST": "Invitation",
    "COUNTER": "Other time proposed",
}
_MAX_FIELD = 500


def read_calendar(text: str) -> tuple[tuple[CalendarEvent, ...], str]:
    """Return the events of an iCalendar file and a summary; nothing if unreadable."""
    if len(text) > MAX_CALENDAR_BYTES or "BEGIN:VEVENT" not in text.upper():
        return (), ""
    try:
        # Slow to import, and most mail has no calendar in it.
        from icalendar import Calendar

        calendar: Any = Calendar.from_ical(text)
        components = calendar.walk("VEVENT")[:MAX_CALENDAR_EVENTS]
        events = tuple(map(_read_event, components))
        method = str(calendar.get("METHOD", "")).upper()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return (), ""
    return events, "\n\n".join(_describe(event, method) for event in events)


def _read_event(component: Any) -> CalendarEvent:
    starts = _moment(component.get("DTSTART"))
    ends = _moment(component.get("DTEND"))
    if not ends and starts:
        ends = _moment_after(component)
    attendees = component.get("ATTENDEE") or []
    attendees = attendees if isinstance(attendees, list) else [attendees]
    return CalendarEvent(
        title=_field(component.get("SUMMARY")),
        starts_at=starts,
        ends_at=ends,
        location=_field(component.get("LOCATION")),
        organizer=_person(component.get("ORGANIZER")),
        attendees=tuple(map(_person, attendees[:_MAX_PEOPLE])),
        status=_field(component.get("STATUS")),
    )


def _moment(value: Any) -> str:
    moment = getattr(value, "dt", None)
    return moment.isoformat() if isinstance(moment, (date, datetime)) else ""


def _moment_after(component: Any) -> str:
    start = getattr(component.get("DTSTART"), "dt", None)
    length = getattr(component.get("DURATION"), "dt", None)
    if isinstance(start, (date, datetime)) and isinstance(length, timedelta):
        return (start + length).isoformat()
    return ""


def _field(value: Any) -> str:
    return clean(str(value or "")).strip()[:_MAX_FIELD]


def _person(value: Any) -> str:
    if not value:
        return ""
    email = _field(value).removeprefix("mailto:").removeprefix("MAILTO:")
    name = _field(getattr(value, "params", {}).get("CN"))
    return f"{name} <{email}>" if name and name != email else email


def _describe(event: CalendarEvent, method: str) -> str:
    lines = [
        (_METHODS.get(method, "Event"), event.title),
        ("When", _span(event)),
        ("Where", event.location),
        ("Organizer", event.organizer),
        ("Invited", ", ".join(filter(None, event.attendees))),
    ]
    return "\n".join(f"{label}: {value}" for label, value in lines if value)


def _span(event: CalendarEvent) -> str:
    shown = [part.replace("T", " ") for part in (event.starts_at, event.ends_at)]
    return " to ".join(filter(None, shown))
