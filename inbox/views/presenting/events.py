"""What an event on the timeline says: one sentence, an icon, a tone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from inbox.models import Priority, TimelineItem

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    text: str
    icon: str = "info"
    tone: str = ""


def sentence_of(item: TimelineItem) -> Sentence:
    """Say in words what happened; an event nobody taught us keeps its name."""
    payload: Payload = item.payload
    who = item.agent.name if item.agent else ""
    tell = _SENTENCES.get(str(payload.get("name", "")))
    if tell is None:
        return Sentence(text=str(payload.get("name", "")))
    return tell(who, payload)


def _assigned(who: str, payload: Payload) -> Sentence:
    whom = payload.get("assignee", "")
    if who and who == whom:
        text = _("%(who)s took it over") % {"who": who}
    elif who:
        text = _("%(who)s assigned it to %(whom)s") % {"who": who, "whom": whom}
    else:
        text = _("Assigned to %(whom)s") % {"whom": whom}
    return Sentence(text=text, icon="user-check")


def _released(who: str, payload: Payload) -> Sentence:
    text = (
        _("%(who)s assigned it to nobody") % {"who": who}
        if who
        else _("Assigned to nobody")
    )
    return Sentence(text=text, icon="user-x")


def _team(who: str, payload: Payload) -> Sentence:
    team = payload.get("team", "")
    if not team:
        return Sentence(text=_by(who, _("Taken from its team")), icon="users")
    if who:
        text = _("%(who)s handed it to %(team)s") % {"who": who, "team": team}
    else:
        text = _("Handed to %(team)s") % {"team": team}
    return Sentence(text=text, icon="users")


def _closed(who: str, payload: Payload) -> Sentence:
    text = _("%(who)s closed it") % {"who": who} if who else pgettext("event", "Closed")
    return Sentence(text=text, icon="check", tone="ok")


def _reopened(who: str, payload: Payload) -> Sentence:
    text = _("%(who)s reopened it") % {"who": who} if who else _("Open again")
    return Sentence(text=text, icon="rotate-ccw")


def _waiting(who: str, payload: Payload) -> Sentence:
    return Sentence(text=_by(who, _("Waiting for the customer")), icon="hourglass")


def _snoozed(who: str, payload: Payload) -> Sentence:
    until = parse_datetime(str(payload.get("until", "")))
    if until is None:
        text = _("Snoozed until they write")
    else:
        when = date_format(localtime(until), "SHORT_DATETIME_FORMAT")
        text = _("Snoozed until %(when)s") % {"when": when}
    return Sentence(text=_by(who, text), icon="clock")


def _spam(who: str, payload: Payload) -> Sentence:
    return Sentence(text=_by(who, _("Marked as spam")), icon="ban")


def _priority(who: str, payload: Payload) -> Sentence:
    known = dict(Priority.choices)
    text = _("Priority: %(priority)s") % {
        "priority": known.get(int(payload.get("priority") or 0), "")
    }
    return Sentence(text=_by(who, text), icon="flag")


def _renamed(who: str, payload: Payload) -> Sentence:
    text = _("Renamed to “%(subject)s”") % {"subject": payload.get("subject", "")}
    return Sentence(text=_by(who, text), icon="text-quote")


def _tagged(who: str, payload: Payload) -> Sentence:
    text = _("Tagged %(tag)s") % {"tag": payload.get("tag", "")}
    return Sentence(text=_by(who, text), icon="tag")


def _untagged(who: str, payload: Payload) -> Sentence:
    text = _("Tag %(tag)s removed") % {"tag": payload.get("tag", "")}
    return Sentence(text=_by(who, text), icon="tag")


def _let_in(who: str, payload: Payload) -> Sentence:
    text = _("%(address)s takes part from now on") % {
        "address": payload.get("address", "")
    }
    return Sentence(text=_by(who, text), icon="user-plus")


def _by(who: str, text: str) -> str:
    return f"{text} · {who}" if who else text


_SENTENCES: dict[str, Callable[[str, Payload], Sentence]] = {
    "assigned": _assigned,
    "released": _released,
    "team": _team,
    "closed": _closed,
    "reopened": _reopened,
    "waiting": _waiting,
    "snoozed": _snoozed,
    "spam": _spam,
    "priority": _priority,
    "renamed": _renamed,
    "tagged": _tagged,
    "untagged": _untagged,
    "let_in": _let_in,
}
