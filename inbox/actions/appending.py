"""The one way a row gets on to the timeline."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from helpdesk.core.events import emit
from helpdesk.core.prepared import Prepared
from inbox.events import ConversationChanged
from inbox.models import Conversation, Kind, TimelineItem, Visibility

_locked = Prepared(
    lambda *, pk: (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("channel", "assignee")
        .filter(pk=pk)
    )
)


def lock_conversation(conversation_id: int) -> Conversation:
    """Return the conversation with its row locked until the transaction ends.

    :raises Conversation.DoesNotExist: if there is none
    :raises TransactionManagementError: outside a transaction, where no lock lasts
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("a conversation is locked in a transaction")
    found = _locked(pk=conversation_id)
    if not found:
        raise Conversation.DoesNotExist(f"no conversation {conversation_id}")
    return found[0]


def lock_conversations(conversation_ids: Collection[int]) -> list[Conversation]:
    """Return those of the conversations that exist, locked like a single one.

    They are locked in the order of their ids, so that two batches cannot deadlock.
    """
    if len(conversation_ids) == 1:
        return _locked(pk=next(iter(conversation_ids)))
    return list(
        Conversation.objects.select_for_update()
        .prefetch_related("channel", "assignee")
        .filter(pk__in=conversation_ids)
        .order_by("id")
    )


def append_item(
    conversation: Conversation,
    *,
    kind: str,
    occurred_at: datetime | None = None,
    **fields: Any,
) -> TimelineItem:
    """Append one item to a locked conversation and announce the change.

    Hands out the next number; messages and notes move the conversation up in the
    list, events do not. The caller saves the conversation after its own changes.
    """
    item = next_item(conversation, kind=kind, occurred_at=occurred_at, **fields)
    item.save(force_insert=True)
    announce_change(conversation, is_internal=item.visibility == Visibility.INTERNAL)
    return item


def next_item(
    conversation: Conversation,
    *,
    kind: str,
    occurred_at: datetime | None = None,
    **fields: Any,
) -> TimelineItem:
    """Return the next item of a locked conversation, not saved and not announced."""
    now = fields.get("received_at") or timezone.now()
    conversation.last_seq += 1
    if kind != Kind.EVENT:
        conversation.last_activity_at = now
    return TimelineItem(
        conversation=conversation,
        customer_id=conversation.customer_id,
        kind=kind,
        seq=conversation.last_seq,
        occurred_at=occurred_at or now,
        **fields,
    )


def append_event(
    conversation: Conversation,
    *,
    name: str,
    actor_id: int | None,
    now: datetime | None = None,
    **details: Any,
) -> TimelineItem:
    """Append an internal event such as `assigned` or `closed`."""
    return append_item(
        conversation,
        kind=Kind.EVENT,
        visibility=Visibility.INTERNAL,
        agent_id=actor_id,
        payload={"name": name, **details},
        received_at=now or timezone.now(),
    )


def announce_change(
    conversation: Conversation,
    *,
    previous_team_ids: tuple[int | None, ...] = (),
    previous_assignee_id: int | None = None,
    is_internal: bool = False,
) -> None:
    emit(
        change_of(
            conversation,
            previous_team_ids=previous_team_ids,
            previous_assignee_id=previous_assignee_id,
            is_internal=is_internal,
        )
    )


def change_of(
    conversation: Conversation,
    *,
    previous_team_ids: tuple[int | None, ...] = (),
    previous_assignee_id: int | None = None,
    is_internal: bool = False,
) -> ConversationChanged:
    """Return the event that says so, for those who announce it with others."""
    return ConversationChanged(
        conversation_id=conversation.pk,
        cursor=conversation.last_seq,
        team_id=conversation.team_id,
        assignee_id=conversation.assignee_id,
        previous_team_ids=previous_team_ids,
        previous_assignee_id=previous_assignee_id,
        is_internal=is_internal,
    )
