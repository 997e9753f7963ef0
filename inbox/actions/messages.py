"""What agents write: replies, forwards and notes."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from helpdesk.accounts.models import User
from helpdesk.core.bells import DELIVER
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import Event, emit, emit_all
from helpdesk.core.many_rows import update_instances
from inbox.actions.appending import announce_change, change_of, lock_conversation
from inbox.actions.receiving import preview_of_item
from inbox.actions.written_rows import (
    AlreadyWritten,
    has_moved_on,
    next_writing,
    store_writing,
)
from inbox.events import (
    ConversationAssigned,
    ConversationStatusChanged,
    MessageQueued,
    NoteAdded,
)
from inbox.models import (
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Kind,
    Mention,
    MessageDetail,
    Status,
    TimelineItem,
    Visibility,
)
from inbox.models.draft import DraftMode

GIVE_UP_AFTER = timedelta(hours=24)


class SomethingHappened(Exception):
    """Somebody wrote after the agent began: show them before sending.

    `since` is the number of the last item the agent had seen.
    """

    def __init__(self, *, since: int) -> None:
        super().__init__("The conversation moved on.")
        self.since = since


class NoRecipients(Exception):
    """A message to nobody."""


class NothingWritten(Exception):
    """A message without words and without files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Whom a message goes to; each a tuple of `{"name", "handle"}`."""

    to: Sequence[dict[str, str]] = ()
    cc: Sequence[dict[str, str]] = ()
    bcc: Sequence[dict[str, str]] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.to or self.cc or self.bcc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The words and files of one message, already sanitised."""

    text: str
    html: str = ""
    subject: str = ""
    upload_ids: Sequence[uuid.UUID] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.upload_ids)

    @property
    def words(self) -> dict[str, str]:
        return {"subject": self.subject, "text": self.text, "html": self.html}


@transaction.atomic
def send_reply(
    *,
    conversation_id: int,
    author: User | None,
    writing: Writing,
    recipients: Recipients,
    channel: Channel | None = None,
    client_id: uuid.UUID | None = None,
    seen_seq: int | None = None,
    mode: str = "reply",
    way: str = "",
    is_automatic: bool = False,
    now: datetime | None = None,
) -> TimelineItem:
    """Write to the customer; it leaves when the channel's undo time is over.

    A second call with the same `client_id` returns the first message. `author` is
    None for what the desk writes by itself.

    :raises SomethingHappened: if a message newer than `seen_seq` is in the topic
    :raises NoRecipients: if nobody would get it
    :raises NothingWritten: if there are neither words nor files
    """
    try:
        return write_reply(
            lock_conversation(conversation_id),
            author=author,
            writing=writing,
            recipients=recipients,
            channel=channel,
            client_id=client_id,
            seen_seq=seen_seq,
            flags=flags_of(mode=mode, way=way, is_automatic=is_automatic),
            now=now,
        )
    except AlreadyWritten as written:
        return written.item


def write_reply(
    conversation: Conversation,
    *,
    author: User | None,
    writing: Writing,
    recipients: Recipients,
    flags: dict[str, object],
    channel: Channel | None = None,
    client_id: uuid.UUID | None = None,
    seen_seq: int | None = None,
    now: datetime | None = None,
) -> TimelineItem:
    """Do in a locked conversation what `send_reply` does, and raise what it raises.

    :param flags: what `flags_of` returned
    :raises AlreadyWritten: instead of returning the first message
    """
    now, channel = now or timezone.now(), channel or conversation.channel
    is_late = has_moved_on(conversation, client_id=client_id, seen_seq=seen_seq)
    if recipients.is_empty:
        raise NoRecipients
    if writing.is_empty and flags.get("mode") != DraftMode.FORWARD:
        raise NothingWritten
    if is_late and seen_seq is not None:
        raise SomethingHappened(since=seen_seq)
    item = next_writing(
        conversation,
        kind=Kind.MESSAGE,
        direction=Direction.OUTBOUND,
        author=author,
        channel=channel,
        client_id=client_id,
        payload=flags,
        received_at=now,
        **writing.words,
    )
    events: list[Event] = [change_of(conversation)]
    is_automatic = "automatic" in flags
    store_writing(
        item,
        _detail(item, recipients=recipients),
        _delivery(item, channel=channel, is_automatic=is_automatic, now=now),
        author=author,
        upload_ids=writing.upload_ids,
    )
    if not is_automatic:
        events += _answered(conversation, author=author, item=item)
    update_instances([conversation])
    queued = MessageQueued(
        conversation_id=conversation.pk,
        item_id=item.pk,
        agent_id=author.pk if author else None,
        is_fetched=channel.is_fetched,
    )
    emit_all([*events, queued])
    return item


def flags_of(
    *, mode: str, way: str = "", is_automatic: bool = False
) -> dict[str, object]:
    """Return what a message says of how it was written, as far as it is unusual."""
    flags: dict[str, object] = {}
    if mode != "reply":
        flags["mode"] = mode
    if way:
        flags["way"] = way
    if is_automatic:
        flags["automatic"] = True
    return flags


def _detail(item: TimelineItem, *, recipients: Recipients) -> MessageDetail:
    return MessageDetail(
        item=item,
        to=list(recipients.to),
        cc=list(recipients.cc),
        bcc=list(recipients.bcc),
    )


def _delivery(
    item: TimelineItem, *, channel: Channel, is_automatic: bool, now: datetime
) -> Delivery:
    """Return how it leaves, and let a sender know when that is."""
    seconds = 0 if is_automatic else channel.undo_seconds
    is_there = channel.is_fetched and not seconds
    state = DeliveryState.HELD if seconds else DeliveryState.QUEUED
    if not is_there:
        ring_after_commit(DELIVER, delay_seconds=seconds)
    return Delivery(
        item=item,
        conversation_id=item.conversation_id,
        channel=channel,
        state=DeliveryState.SENT if is_there else state,
        send_after=now + timedelta(seconds=seconds),
        sent_at=now if is_there else None,
        give_up_at=now + GIVE_UP_AFTER,
    )


def _answered(
    conversation: Conversation, *, author: User | None, item: TimelineItem
) -> list[Event]:
    """Note that nobody waits any more; return what else that changed."""
    conversation.message_count += 1
    conversation.waiting_since = None
    conversation.due_at = None
    conversation.is_unread = False
    conversation.preview = preview_of_item(item)
    conversation.preview_agent = author
    return [*_reopened(conversation, by=author), *_taken(conversation, by=author)]


def _reopened(conversation: Conversation, *, by: User | None) -> Iterator[Event]:
    previous = conversation.status
    if previous not in (Status.CLOSED, Status.SPAM, Status.SNOOZED):
        return
    conversation.status = Status.OPEN
    conversation.snoozed_until = None
    conversation.closed_at = None
    conversation.closed_by = None
    yield ConversationStatusChanged(
        conversation_id=conversation.pk,
        status=Status.OPEN,
        previous_status=previous,
        actor_id=by.pk if by else None,
        cursor=conversation.last_seq,
    )


def _taken(conversation: Conversation, *, by: User | None) -> Iterator[Event]:
    """Make it the conversation of whoever answers first."""
    if by is None or conversation.assignee is not None:
        return
    conversation.assignee = by
    yield ConversationAssigned(
        conversation_id=conversation.pk,
        assignee_id=by.pk,
        previous_assignee_id=None,
        actor_id=by.pk,
        cursor=conversation.last_seq,
    )


@transaction.atomic
def add_note(
    *,
    conversation_id: int,
    author: User,
    writing: Writing,
    mentioned: Sequence[User] = (),
    client_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> TimelineItem:
    """Write something only agents see; those mentioned find it in their queue.

    :raises NothingWritten: if there are neither words nor files
    """
    conversation = lock_conversation(conversation_id)
    try:
        has_moved_on(conversation, client_id=client_id)
    except AlreadyWritten as written:
        return written.item
    if writing.is_empty:
        raise NothingWritten
    item = next_writing(
        conversation,
        kind=Kind.NOTE,
        visibility=Visibility.INTERNAL,
        author=author,
        client_id=client_id,
        received_at=now or timezone.now(),
        **writing.words,
    )
    store_writing(item, author=author, upload_ids=writing.upload_ids)
    announce_change(conversation, is_internal=True)
    Mention.objects.bulk_create(
        (
            Mention(conversation=conversation, item=item, agent=agent)
            for agent in mentioned
        ),
        ignore_conflicts=True,
    )
    update_instances([conversation])
    emit(
        NoteAdded(
            conversation_id=conversation.pk,
            item_id=item.pk,
            agent_id=author.pk,
            mentioned_agent_ids=tuple(agent.pk for agent in mentioned),
        )
    )
    return item
