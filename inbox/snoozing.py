"""The moments a conversation can be put off to, in the agent's own time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MORNING = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeChoice:
    value: str
    title: str | Promise
    at: datetime


def snooze_choices(now: datetime) -> list[SnoozeChoice]:
    """Return the presets; `now` is in the agent's time zone."""
    days_to_monday = 7 - now.weekday()
    return [
        SnoozeChoice(value="hours", title=_("In three hours"), at=_in_hours(now)),
        SnoozeChoice(
            value="tomorrow", title=_("Tomorrow morning"), at=_morning(now, days=1)
        ),
        SnoozeChoice(
            value="monday", title=_("Monday"), at=_morning(now, days=days_to_monday)
        ),
        SnoozeChoice(value="week", title=_("In a week"), at=_morning(now, days=7)),
    ]


def _in_hours(now: datetime) -> datetime:
    return (now + timedelta(hours=3)).replace(second=0, microsecond=0)


def _morning(now: datetime, *, days: int) -> datetime:
    day = now.date() + timedelta(days=days)
    return datetime.combine(day, MORNING, tzinfo=now.tzinfo)
