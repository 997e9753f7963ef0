"""What pages ask of the journal and the books."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from channels_ingest.glimpse import title_and_sender
from channels_ingest.models import InboundEvent, LedgerDay
from customers.models import Identity
from helpdesk.accounts.models import Sight, User
from inbox.contract import InboundMessage
from inbox.models import Channel, Conversation, MessageDetail
from inbox.threading import Placement, place_message

PAGE = 25
COUNT_CAP = 99


def channels_seen_by(agent: User) -> QuerySet[Channel]:
    """Keep the channels whose new mail the agent would see."""
    channels = Channel.objects.all()
    if agent.is_admin:
        return channels
    own = Q(team=None) | Q(team__in=agent.teams.values("pk"))
    if agent.sight == Sight.ALL:
        own |= Q(team__is_private=False)
    return channels.filter(own)


def unreadable_for(agent: User) -> QuerySet[InboundEvent]:
    """Return what could not be read in channels of the agent, newest first."""
    return (
        InboundEvent.objects.unreadable()
        .filter(channel__in=channels_seen_by(agent))
        .select_related("channel")
        .order_by("-received_at", "-id")
    )


def unreadable_count(agent: User) -> int:
    """Return how many wait in the tray; one more than `COUNT_CAP` means many."""
    return unreadable_for(agent).order_by()[: COUNT_CAP + 1].count()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayEntry:
    """One input that could not be read, as the tray shows it."""

    pk: int
    title: str
    sender: str
    channel: str
    received_at: datetime
    reason: str
    attempts: int


def tray_page(agent: User, *, before: int | None) -> tuple[list[TrayEntry], int | None]:
    """Return one page of the tray and the key of the next, if there is one."""
    rows = unreadable_for(agent).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    events = list(rows[: PAGE + 1])
    entries = [_entry(event) for event in events[:PAGE]]
    return entries, entries[-1].pk if len(events) > PAGE else None


def _entry(event: InboundEvent) -> TrayEntry:
    title, sender = title_and_sender(bytes(event.raw))
    return TrayEntry(
        pk=event.pk,
        title=title,
        sender=sender or str(event.headers.get("mail_from", "")),
        channel=event.channel.name,
        received_at=event.received_at,
        reason=event.reason,
        attempts=event.attempts,
    )


def source_of_item(agent: User, *, item_id: int) -> bytes:
    """Return the source of a message that the agent may see.

    :raises InboundEvent.DoesNotExist: if there is none, or not for this agent
    """
    journal_id = (
        MessageDetail.objects.filter(
            item_id=item_id,
            item__conversation__in=Conversation.objects.visible_to(agent),
        )
        .values_list("journal_id", flat=True)
        .first()
    )
    if journal_id is None:
        raise InboundEvent.DoesNotExist
    return bytes(InboundEvent.objects.only("raw").get(pk=journal_id).raw)


def source_in_tray(agent: User, *, event_id: int) -> bytes:
    """:raises InboundEvent.DoesNotExist: if there is none, or not for this agent"""
    return bytes(unreadable_for(agent).get(pk=event_id).raw)


def ledger_differences(*, since: date) -> QuerySet[LedgerDay]:
    """Return the books that do not add up."""
    wrong = ~Q(difference=0) | Q(missing_items__gt=0) | Q(damaged__gt=0)
    return (
        LedgerDay.objects.filter(wrong, day__gte=since)
        .select_related("channel")
        .order_by("-day", "channel_id")
    )


def ledger_days(*, since: date) -> QuerySet[LedgerDay]:
    return (
        LedgerDay.objects.filter(day__gte=since)
        .select_related("channel")
        .order_by("-day", "channel_id")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whom a message would match and where it would go, and why."""

    handle: str
    customer: str
    customer_id: int | None
    conversation_id: int | None
    subject: str
    why: str
    words: str
    is_stranger: bool

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def explain(message: InboundMessage, *, channel: Channel, now: datetime) -> Explanation:
    """Say what receiving the message would do; nothing is written."""
    sender = message.sender
    identity = (
        Identity.objects.select_related("customer")
        .of_handle(kind=sender.kind, value=sender.handle, scope=sender.scope)
        .first()
    )
    placement = _place(message, channel=channel, identity=identity, now=now)
    topic = placement.topic
    return Explanation(
        handle=sender.handle,
        customer=str(identity.customer) if identity else "",
        customer_id=identity.customer_id if identity else None,
        conversation_id=topic.pk if topic else None,
        subject=topic.subject if topic else "",
        why=placement.why,
        words=_words(placement),
        is_stranger=placement.is_stranger,
    )


def _place(
    message: InboundMessage,
    *,
    channel: Channel,
    identity: Identity | None,
    now: datetime,
) -> Placement:
    # Somebody new has no customer yet; no conversation is theirs.
    nobody = Identity(pk=-1, customer_id=-1, kind=message.sender.kind)
    return place_message(
        channel=channel, identity=identity or nobody, inbound=message, now=now
    )


def _words(placement: Placement) -> str:
    said = {
        "signed": _("It carries an id or address that only we can have made."),
        "reference": _("It refers to a message of a conversation they take part in."),
        "continuity": _("The customer has an open conversation that it continues."),
        "new": _("It names no conversation that its sender takes part in."),
    }
    words = said.get(placement.why, "")
    if placement.is_stranger:
        stranger = _("The sender is not proven to take part in it and is marked.")
        return f"{words} {stranger}"
    return words
