"""What happens when messages arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from customers.models import Identity
from helpdesk.core.prepared import Prepared
from inbox.actions.appending import next_item
from inbox.actions.arrival_rows import Arrival, ArrivalRows, StoredAttachment
from inbox.actions.correspondents import (
    People,
    handle_of,
    participants_of,
    recognize,
)
from inbox.contract import InboundMessage, Nature, Verdict
from inbox.events import ConversationStatusChanged
from inbox.models import (
    Attachment,
    Channel,
    Conversation,
    Direction,
    Kind,
    Status,
    TimelineItem,
)
from inbox.models.conversation import ParticipantRole
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
    people = recognize(arrivals, now=now)
    written = [
        (people[handle_of(arrival.inbound).key], arrival.inbound)
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


def _receive(
    arrival: Arrival,
    *,
    channel: Channel,
    people: People,
    topics: Topics,
    rows: ArrivalRows,
) -> TimelineItem:
    inbound = arrival.inbound
    identity = people[handle_of(inbound).key]
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
    for person, role in participants_of(
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
    preview = preview_of(inbound.text) or _first_file_in(arrival)
    if not conversation.preview:
        conversation.preview = preview
    if inbound.nature not in FROM_PEOPLE:
        return
    _wake(conversation, rows=rows)
    conversation.is_unread = True
    if placement.is_stranger:
        # The list shows what the customer or an agent wrote last, nobody else.
        return
    conversation.preview = preview
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


def preview_of_item(item: TimelineItem) -> str:
    """Return the line for a stored message: one without words is named by its file."""
    return preview_of(item.text) or preview_of(_first_file_of(item))


def _first_file_of(item: TimelineItem) -> str:
    files = Attachment.objects.filter(item=item, is_inline=False).order_by("id")
    return files.values_list("name", flat=True).first() or ""


def _first_file_in(arrival: Arrival) -> str:
    shown = (it.name for it in arrival.attachments if not it.is_inline)
    return preview_of(next(shown, ""))
