"""The rows that something written by an agent leaves behind, written together."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Q, QuerySet

from helpdesk.accounts.models import User
from helpdesk.core.bells import SEARCH
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.many_rows import insert_instances, next_ids
from helpdesk.core.planned import PlannedStatement
from helpdesk.core.prepared import Prepared
from inbox.actions.appending import next_item
from inbox.models import (
    Attachment,
    Conversation,
    Kind,
    SearchPending,
    TimelineItem,
    Upload,
)

_LAST = 2**31 - 1
"""The largest number of an item there can be."""
_FORGET_DRAFT = PlannedStatement.named(
    "DELETE FROM inbox_draft"
    " WHERE conversation_id = %(conversation)s AND agent_id = %(agent)s",
    conversation=int,
    agent=int,
)


class AlreadyWritten(Exception):
    """The browser sent it twice; `item` is what came of the first time."""

    def __init__(self, item: TimelineItem) -> None:
        super().__init__("It is written already.")
        self.item = item


def has_moved_on(
    conversation: Conversation,
    *,
    client_id: uuid.UUID | None,
    seen_seq: int | None = None,
) -> bool:
    """Whether a message newer than `seen_seq` is in a locked conversation.

    :raises AlreadyWritten: if one with this `client_id` is there
    """
    if client_id is None and seen_seq is None:
        return False
    found = _same_or_newer(
        conversation_id=conversation.pk,
        client_id=client_id or uuid.uuid4(),
        seq=_LAST if seen_seq is None else seen_seq,
    )
    for pk, its_client_id in found:
        if its_client_id is not None and its_client_id == client_id:
            raise AlreadyWritten(TimelineItem.objects.get(pk=pk))
    return bool(found)


@Prepared
def _same_or_newer(
    *, conversation_id: int, client_id: uuid.UUID, seq: int
) -> QuerySet[TimelineItem, tuple[int, uuid.UUID | None]]:
    return TimelineItem.objects.filter(
        Q(client_id=client_id) | Q(seq__gt=seq, kind=Kind.MESSAGE),
        conversation_id=conversation_id,
    ).values_list("pk", "client_id")


def next_writing(
    conversation: Conversation, *, author: User | None, **fields: Any
) -> TimelineItem:
    """Return the next item of a locked conversation: it has its id, but is not stored.

    The caller stores it with `store_writing`.
    """
    item = next_item(conversation, agent=author, **fields)
    item.pk = next_ids(TimelineItem, count=1)[0]
    return item


def store_writing(
    item: TimelineItem,
    *details: models.Model,
    author: User | None,
    upload_ids: Sequence[uuid.UUID],
) -> None:
    """Store what was written with its details; it is no draft of `author` any more.

    :param upload_ids: files of the draft that go along
    """
    insert_instances([item, *details, SearchPending(item=item)])
    if item.channel is None or not item.channel.is_fetched:
        # What is said in a chat is looked for later: the sweep finds it.
        ring_after_commit(SEARCH)
    if author is None:
        return
    if upload_ids:
        _attach_uploads(item, author=author, upload_ids=upload_ids)
    with connection.cursor() as cursor:
        _FORGET_DRAFT.run(cursor, conversation=item.conversation_id, agent=author.pk)


def _attach_uploads(
    item: TimelineItem, *, author: User, upload_ids: Sequence[uuid.UUID]
) -> None:
    uploads = Upload.objects.filter(
        conversation_id=item.conversation_id, agent=author, public_id__in=upload_ids
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
    item.conversation.attachment_count += sum(not it.is_inline for it in uploads)
    uploads.delete()
