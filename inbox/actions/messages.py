"""What agents write: replies, forwards and notes."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from helpdesk.accounts.models import User
from helpdesk.core.bells import DELIVER, SEARCH
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import Event, emit, emit_all
from inbox.actions.appending import append_item, lock_conversation
from inbox.actions.receiving import preview_of
from inbox.events import (
    ConversationAssigned,
    ConversationStatusChanged,
    MessageQueued,
    NoteAdded,
)
from inbox.models import (
    Attachment,
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Draft,
    Kind,
    Mention,
    MessageDetail,
    SearchPending,
    Status,
    TimelineItem,
    Upload,
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
    now = now or timezone.now()
    conversation = lock_conversation(conversation_id)
    earlier = _written_before(conversation, client_id=client_id)
    if earlier is not None:
        return earlier
    if recipients.is_empty:
        raise NoRecipients
    if writing.is_empty and mode != DraftMode.FORWARD:
        raise NothingWritten
    _guard(conversation, seen_seq=seen_seq)
    channel = channel or conversation.channel
    item = _append_writing(
        conversation,
        kind=Kind.MESSAGE,
        direction=Direction.OUTBOUND,
        author=author,
        writing=writing,
        channel=channel,
        client_id=client_id,
        payload=_flags(mode=mode, way=way, is_automatic=is_automatic),
        received_at=now,
    )
    MessageDetail.objects.create(
        item=item,
        to=list(recipients.to),
        cc=list(recipients.cc),
        bcc=list(recipients.bcc),
    )
    _hold(item, channel=channel, is_automatic=is_automatic, now=now)
    changes: list[Event] = []
    if not is_automatic:
        changes = _answered(conversation, author=author, writing=writing)
    conversation.save()
    queued = MessageQueued(
        conversation_id=conversation.pk,
        item_id=item.pk,
        agent_id=author.pk if author else None,
        is_fetched=channel.is_fetched,
    )
    emit_all([*changes, queued])
    return item


def _written_before(
    conversation: Conversation, *, client_id: uuid.UUID | None
) -> TimelineItem | None:
    if client_id is None:
        return None
    return TimelineItem.objects.filter(
        conversation=conversation, client_id=client_id
    ).first()


def _guard(conversation: Conversation, *, seen_seq: int | None) -> None:
    if seen_seq is None:
        return
    newer = TimelineItem.objects.filter(
        conversation=conversation, seq__gt=seen_seq, kind=Kind.MESSAGE
    )
    if newer.exists():
        raise SomethingHappened(since=seen_seq)


def _flags(*, mode: str, way: str, is_automatic: bool) -> dict[str, object]:
    flags: dict[str, object] = {}
    if mode != "reply":
        flags["mode"] = mode
    if way:
        flags["way"] = way
    if is_automatic:
        flags["automatic"] = True
    return flags


def _append_writing(
    conversation: Conversation,
    *,
    author: User | None,
    writing: Writing,
    **fields: Any,
) -> TimelineItem:
    item = append_item(
        conversation,
        agent=author,
        subject=writing.subject,
        text=writing.text,
        html=writing.html,
        **fields,
    )
    _attach_uploads(item, conversation=conversation, author=author, writing=writing)
    if author is not None:
        Draft.objects.filter(conversation=conversation, agent=author).delete()
    SearchPending.objects.create(item=item)
    ring_after_commit(SEARCH)
    return item


def _attach_uploads(
    item: TimelineItem,
    *,
    conversation: Conversation,
    author: User | None,
    writing: Writing,
) -> None:
    if author is None or not writing.upload_ids:
        return
    uploads = Upload.objects.filter(
        conversation=conversation, agent=author, public_id__in=writing.upload_ids
    ).order_by("id")
    Attachment.objects.bulk_create(
        Attachment(
            item=item,
            name=upload.name,
            content_type=upload.content_type,
            size=upload.size,
            sha256=upload.sha256,
            stored_name=upload.stored_name,
            content_id=upload.content_id,
            is_inline=upload.is_inline,
        )
        for upload in uploads
    )
    conversation.attachment_count += sum(not upload.is_inline for upload in uploads)
    uploads.delete()


def _hold(
    item: TimelineItem, *, channel: Channel, is_automatic: bool, now: datetime
) -> None:
    seconds = 0 if is_automatic else channel.undo_seconds
    is_there = channel.is_fetched and not seconds
    state = DeliveryState.HELD if seconds else DeliveryState.QUEUED
    Delivery.objects.create(
        item=item,
        conversation_id=item.conversation_id,
        channel=channel,
        state=DeliveryState.SENT if is_there else state,
        send_after=now + timedelta(seconds=seconds),
        sent_at=now if is_there else None,
        give_up_at=now + GIVE_UP_AFTER,
    )
    if not is_there:
        ring_after_commit(DELIVER, delay_seconds=seconds)


def _answered(
    conversation: Conversation, *, author: User | None, writing: Writing
) -> list[Event]:
    """Note that nobody waits any more; return what else that changed."""
    conversation.message_count += 1
    conversation.waiting_since = None
    conversation.due_at = None
    conversation.is_unread = False
    conversation.preview = preview_of(writing.text)
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
    earlier = _written_before(conversation, client_id=client_id)
    if earlier is not None:
        return earlier
    if writing.is_empty:
        raise NothingWritten
    item = _append_writing(
        conversation,
        kind=Kind.NOTE,
        visibility=Visibility.INTERNAL,
        author=author,
        writing=writing,
        client_id=client_id,
        received_at=now or timezone.now(),
    )
    Mention.objects.bulk_create(
        (
            Mention(conversation=conversation, item=item, agent=agent)
            for agent in mentioned
        ),
        ignore_conflicts=True,
    )
    conversation.save()
    emit(
        NoteAdded(
            conversation_id=conversation.pk,
            item_id=item.pk,
            agent_id=author.pk,
            mentioned_agent_ids=tuple(agent.pk for agent in mentioned),
        )
    )
    return item
