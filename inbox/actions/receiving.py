"""What happens when messages arrive."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from customers.actions import Handle, HandleKey, note_uses, resolve_identities
from customers.models import Identity
from helpdesk.accounts.models import User
from helpdesk.core.prepared import Prepared
from inbox.actions.appending import next_item
from inbox.actions.arrival_rows import Arrival, ArrivalRows, StoredAttachment
from inbox.contract import InboundMessage, Nature, Verdict
from inbox.events import ConversationStatusChanged
from inbox.models import (
    Channel,
    Conversation,
    Direction,
    Kind,
    Status,
    TimelineItem,
)
from inbox.models.conversation import ParticipantRole
from inbox.recipients import without_tag
from inbox.threading import (
    Placement,
    place_message,
    topics_continued,
    topics_of,
)
from inbox.topics import MAX_KEYS, Topics

__all__ = [
    "Arrival",
    "Received",
    "StoredAttachment",
    "preview_of",
    "receive_message",
    "receive_messages",
]

FROM_PEOPLE = (Nature.PERSON, Nature.LIST)
MAX_COPIED = 20
"""People in copy who become part of a conversation by one message."""

People = dict[HandleKey, Identity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Where a message went."""

    item: TimelineItem
    is_new: bool
    why: str = ""


def receive_message(
    *,
    channel: Channel,
    inbound: InboundMessage,
    attachments: tuple[StoredAttachment, ...] = (),
    journal_id: int | None = None,
    now: datetime | None = None,
) -> Received:
    """Put a customer's message on their timeline, once.

    Recognises a redelivery by `(channel, external_id)`. Resolves the sender, finds
    or opens the conversation, and announces `MessageReceived`.
    """
    arrival = Arrival(inbound=inbound, attachments=attachments, journal_id=journal_id)
    return receive_messages(channel=channel, arrivals=[arrival], now=now)[0]


@transaction.atomic(savepoint=False)
def receive_messages(
    *, channel: Channel, arrivals: Sequence[Arrival], now: datetime | None = None
) -> list[Received]:
    """Put messages on their timelines in the given order; all of them or none.

    Does for each what `receive_message` does, in far fewer round trips.
    """
    now = now or timezone.now()
    items = _stored_before(channel, arrivals)
    new = {
        arrival.external_id: number
        for number, arrival in reversed(list(enumerate(arrivals)))
        if arrival.external_id not in items
    }
    fresh = [arrivals[number] for number in sorted(new.values())]
    if fresh:
        items |= _receive_fresh(fresh, channel=channel, now=now)
    return [
        _outcome(
            items[arrival.external_id], is_new=new.get(arrival.external_id) == number
        )
        for number, arrival in enumerate(arrivals)
    ]


def _receive_fresh(
    arrivals: Sequence[Arrival], *, channel: Channel, now: datetime
) -> dict[str, TimelineItem]:
    people = _recognize(arrivals, now=now)
    written = [
        (people[_handle_of(arrival.inbound).key], arrival.inbound)
        for arrival in arrivals
    ]
    topics = topics_of(channel=channel, arrivals=written, now=now)
    rows = ArrivalRows(now=now, expected=len(arrivals))
    rows.lock(
        topics_continued(channel=channel, arrivals=written, now=now, topics=topics)
    )
    items = {
        arrival.external_id: _receive(
            arrival, channel=channel, people=people, topics=topics, rows=rows
        )
        for arrival in arrivals
    }
    rows.write()
    return items


def _stored_before(
    channel: Channel, arrivals: Sequence[Arrival]
) -> dict[str, TimelineItem]:
    ids = {arrival.external_id for arrival in arrivals}
    if len(ids) == 1:
        items = _stored(channel_id=channel.pk, external_id=ids.pop())
    else:
        items = list(channel.items.filter(external_id__in=ids))
    return {item.external_id: item for item in items}


@Prepared
def _stored(*, channel_id: int, external_id: str) -> QuerySet[TimelineItem]:
    return TimelineItem.objects.filter(channel_id=channel_id, external_id=external_id)


def _outcome(item: TimelineItem, *, is_new: bool) -> Received:
    return Received(
        item=item, is_new=is_new, why=item.payload.get("why", "") if is_new else ""
    )


def _recognize(arrivals: Sequence[Arrival], *, now: datetime) -> People:
    """Return who wrote, and who is vouched for by standing in copy."""
    senders = [_handle_of(arrival.inbound) for arrival in arrivals]
    copied = [handle for arrival in arrivals for handle in _copied_by(arrival.inbound)]
    ours = _our_addresses() if copied else frozenset()
    people = resolve_identities(
        handles=[
            *senders,
            *(each for each in copied if without_tag(each.value) not in ours),
        ],
        now=now,
    )
    merges = note_uses(
        used=[people[handle.key] for handle in senders],
        authenticated=[
            people[_handle_of(arrival.inbound).key]
            for arrival in arrivals
            if _is_authenticated(arrival.inbound)
        ],
        now=now,
    )
    for merge, identity in itertools.product(merges, people.values()):
        if identity.customer_id == merge.absorbed_id:
            identity.customer = merge.kept
    return people


def _handle_of(inbound: InboundMessage) -> Handle:
    sender = inbound.sender
    return Handle(
        kind=sender.kind, value=sender.handle, name=sender.name, scope=sender.scope
    )


def _is_authenticated(inbound: InboundMessage) -> bool:
    return (
        inbound.authentication.verdict == Verdict.PASS
        and inbound.claimed_sender is None
    )


def _copied_by(inbound: InboundMessage) -> list[Handle]:
    """Return whom the sender let in by copying them; only a proven sender can."""
    if not _is_authenticated(inbound) or inbound.nature != Nature.PERSON:
        return []
    return [
        Handle(
            kind=inbound.sender.kind,
            value=recipient.handle,
            name=recipient.name,
            scope=inbound.sender.scope,
        )
        for recipient in inbound.recipients[:MAX_COPIED]
        if recipient.role in ("to", "cc") and recipient.handle
    ]


def _our_addresses() -> frozenset[str]:
    """Return the addresses of channels and agents: they are nobody's customers."""
    ours = {email.lower() for email in User.objects.values_list("email", flat=True)}
    for address, aliases in Channel.objects.values_list("address", "aliases"):
        ours.update((address.lower(), *(str(alias).lower() for alias in aliases)))
    return frozenset(ours)


def _receive(
    arrival: Arrival,
    *,
    channel: Channel,
    people: People,
    topics: Topics,
    rows: ArrivalRows,
) -> TimelineItem:
    inbound = arrival.inbound
    identity = people[_handle_of(inbound).key]
    placement = place_message(
        channel=channel, identity=identity, inbound=inbound, now=rows.now, topics=topics
    )
    conversation = _conversation(
        placement, channel=channel, identity=identity, inbound=inbound, rows=rows
    )
    item = next_item(
        conversation,
        kind=Kind.MESSAGE,
        direction=Direction.INBOUND,
        identity=identity,
        channel=channel,
        subject=inbound.subject,
        text=inbound.text,
        html=inbound.html,
        payload=_payload(inbound, placement=placement),
        external_id=inbound.external_id,
        occurred_at=min(inbound.sent_at, rows.now),
        received_at=rows.now,
    )
    _update(conversation, item=item, arrival=arrival, placement=placement, rows=rows)
    rows.keep_conversation(conversation)
    item.conversation = conversation
    rows.add_item(item, arrival=arrival)
    keys = (*inbound.own_keys, *inbound.thread_keys)[:MAX_KEYS]
    rows.add_keys(conversation, keys=keys)
    topics.tell_of(conversation, keys=keys)
    for person, role in _participants(
        conversation, inbound=inbound, placement=placement, people=people
    ):
        rows.add_participant(conversation, identity=person, role=role)
        if role != ParticipantRole.STRANGER:
            topics.tell_of_part(conversation, person)
    return item


def _conversation(
    placement: Placement,
    *,
    channel: Channel,
    identity: Identity,
    inbound: InboundMessage,
    rows: ArrivalRows,
) -> Conversation:
    """Return the conversation it goes to: locked, or new and not saved yet."""
    if placement.topic is not None:
        return rows.locked(placement.topic.pk)
    needs_answer = inbound.nature in FROM_PEOPLE
    return Conversation(
        customer_id=identity.customer_id,
        channel=channel,
        is_chat=channel.is_fetched,
        identity=identity,
        subject=inbound.subject,
        team_id=channel.team_id,
        status=Status.OPEN if needs_answer else Status.CLOSED,
        closed_at=None if needs_answer else rows.now,
        created_at=rows.now,
        last_activity_at=rows.now,
    )


def _payload(inbound: InboundMessage, *, placement: Placement) -> dict[str, object]:
    """Return the flags a timeline needs to draw the message; absent means false."""
    nature = inbound.nature if inbound.nature != Nature.PERSON else ""
    verdict = inbound.authentication.verdict
    forwarder = inbound.claimed_sender
    flags: dict[str, object] = {
        "nature": nature,
        "stranger": placement.is_stranger,
        "verdict": verdict if verdict != Verdict.NONE else "",
        "forwarded_by": forwarder.handle if forwarder else "",
        "has_quoted": bool(inbound.quoted_text or inbound.quoted_html),
        "has_signature": bool(inbound.signature),
        "remote_images": inbound.remote_images,
        "warnings": list(inbound.warnings[:20]),
        **inbound.details,
    }
    return {
        "why": placement.why,
        **{name: flag for name, flag in flags.items() if flag},
    }


def _participants(
    conversation: Conversation,
    *,
    inbound: InboundMessage,
    placement: Placement,
    people: People,
) -> Iterator[tuple[Identity, ParticipantRole]]:
    sender = _handle_of(inbound)
    if placement.is_stranger:
        yield people[sender.key], ParticipantRole.STRANGER
        return
    for key in dict.fromkeys(each.key for each in (sender, *_copied_by(inbound))):
        if key in people:
            yield people[key], _role_in(conversation, people[key])


def _role_in(conversation: Conversation, identity: Identity) -> ParticipantRole:
    if conversation.customer_id == identity.customer_id:
        return ParticipantRole.CUSTOMER
    return ParticipantRole.COPIED


def _update(
    conversation: Conversation,
    *,
    item: TimelineItem,
    arrival: Arrival,
    placement: Placement,
    rows: ArrivalRows,
) -> None:
    inbound = arrival.inbound
    conversation.attachment_count += arrival.file_count
    conversation.message_count += 1
    if not conversation.preview:
        conversation.preview = preview_of(inbound.text)
    if inbound.nature not in FROM_PEOPLE:
        return
    _wake(conversation, rows=rows)
    conversation.is_unread = True
    if placement.is_stranger:
        # The list shows what the customer or an agent wrote last, nobody else.
        return
    conversation.preview = preview_of(inbound.text)
    conversation.preview_agent = None
    if inbound.nature == Nature.PERSON:
        _answer_goes_back(conversation, item=item)


def _wake(conversation: Conversation, *, rows: ArrivalRows) -> None:
    if conversation.waiting_since is None:
        conversation.waiting_since = rows.now
        minutes = conversation.channel.reply_within_minutes
        if minutes:
            conversation.due_at = rows.now + timedelta(minutes=minutes)
    if conversation.status in (Status.OPEN, Status.SPAM):
        return
    previous = conversation.status
    conversation.status = Status.OPEN
    conversation.snoozed_until = None
    conversation.closed_at = None
    conversation.closed_by = None
    assignee = conversation.assignee
    if assignee is not None and not assignee.is_active:
        conversation.assignee = None
    rows.add_event(
        ConversationStatusChanged(
            conversation_id=conversation.pk,
            status=Status.OPEN,
            previous_status=previous,
            actor_id=None,
            cursor=conversation.last_seq,
        )
    )


def _answer_goes_back(conversation: Conversation, *, item: TimelineItem) -> None:
    """Answer the customer where they last wrote; someone in copy changes nothing."""
    if item.identity is None or item.channel is None:
        return
    if item.identity.customer_id == conversation.customer_id:
        conversation.identity = item.identity
        conversation.channel = item.channel
        conversation.is_chat = item.channel.is_fetched


def preview_of(text: str) -> str:
    """Return the one line a list shows of a message."""
    return " ".join(text[:1000].split())[:200]
