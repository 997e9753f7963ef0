"""What an event on the timeline says: one sentence, an icon, a tone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from inbox.models import Priority, TimelineItem
from inbox.views.presenting.details import pages_of

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    text: str
    note: str = ""
    """Somebody else's words that belong to it."""
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


_SMILEYS = {1: "😞", 2: "🙁", 3: "😐", 4: "🙂", 5: "😀"}


def _rated(who: str, payload: Payload) -> Sentence:
    given = payload.get("score")
    score = given if isinstance(given, int) else 0
    text = _("Rated %(smiley)s %(score)s of 5") % {
        "smiley": _SMILEYS.get(score, ""),
        "score": score,
    }
    tone = "ok" if score > 3 else "late" if score < 3 else ""
    note = str(payload.get("comment") or "")
    return Sentence(text=" ".join(text.split()), note=note, icon="star", tone=tone)


def _chat_ended(who: str, payload: Payload) -> Sentence:
    return Sentence(text=_("The visitor ended the chat"), icon="check")


def _continued(who: str, payload: Payload) -> Sentence:
    count = _number(payload.get("count"))
    text = ngettext(
        "Sent on by email to %(to)s, %(count)s message",
        "Sent on by email to %(to)s, %(count)s messages",
        count,
    ) % {"to": payload.get("to", ""), "count": count}
    return Sentence(text=text, icon="mail")


def _transcript(who: str, payload: Payload) -> Sentence:
    text = _("Transcript sent to %(to)s") % {"to": payload.get("to", "")}
    return Sentence(text=text, icon="mail")


def _forgotten(who: str, payload: Payload) -> Sentence:
    return Sentence(text=_("The visitor deleted their data"), icon="trash-2")


def _visited(who: str, payload: Payload) -> Sentence:
    pages = pages_of(payload.get("pages"))
    last = pages[-1]["title"] if pages else ""
    text = ngettext(
        "Looked at %(count)s page, last: %(last)s",
        "Looked at %(count)s pages, last: %(last)s",
        len(pages),
    ) % {"count": len(pages), "last": last}
    return Sentence(text=text, icon="eye")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


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
    "rated": _rated,
    "chat_ended": _chat_ended,
    "forgotten": _forgotten,
    "continued": _continued,
    "transcript": _transcript,
    "visited": _visited,
}
