"""How far both sides have read: marks go forward only, and never past the end."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.chat.events import SeenByAgent, SeenByVisitor
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.chat.queries import (
    Standing,
    onlooker,
    shown_sight,
    shown_to,
    standing_of,
)
from helpdesk.core.events import emit
from helpdesk.core.planned import PlannedStatement
from helpdesk.core.prepared import Prepared, Value
from inbox.actions.appending import announce_change
from inbox.models import Conversation, Delivery, DeliveryState, TimelineItem

_LARGEST: Final = 2**31 - 1
_ARRIVED: Final = (DeliveryState.SENT, DeliveryState.DELIVERED)
# Run with the state locked, and after that: an answer that was on its way is counted.
_SEEN: Final = PlannedStatement.named(
    f"""
WITH unseen AS (
    SELECT min(item.received_at) AS since FROM inbox_delivery AS delivery
    JOIN inbox_timelineitem AS item ON item.id = delivery.item_id
    WHERE delivery.conversation_id = %(conversation)s
        AND delivery.channel_id = %(channel)s
        AND delivery.state <> '{DeliveryState.CANCELED}' AND item.seq > %(known)s
), seen AS (
    UPDATE chat_chatstate SET visitor_seen_seq = %(seq)s, visitor_seen_at = %(now)s,
        visitor_delivered_seq = greatest(visitor_delivered_seq, %(seq)s),
        unseen_since = (SELECT since FROM unseen)
    WHERE conversation_id = %(conversation)s
)
UPDATE inbox_delivery AS delivery
SET state = '{DeliveryState.SEEN}', seen_at = %(now)s, updated_at = %(now)s
FROM inbox_timelineitem AS item
WHERE item.id = delivery.item_id AND item.seq <= %(seq)s
    AND delivery.conversation_id = %(conversation)s
    AND delivery.channel_id = %(channel)s
    AND delivery.state IN ({", ".join(f"'{it}'" for it in _ARRIVED)})
""",  # noqa: S608 - names of ours
    conversation=int,
    channel=int,
    known=int,
    seq=int,
    now=datetime,
)


@transaction.atomic
def mark_seen(
    *,
    visitor: Visitor,
    conversation: Conversation,
    seq: int,
    now: datetime | None = None,
) -> int:
    """Note that a visitor has looked at everything up to an item of their conversation.

    Returns how far they have read now. Only what they are shown counts: a number past
    the end means the end, and what can still be taken back is not seen.
    """
    now = now or timezone.now()
    shown = _last_shown(visitor, conversation=conversation, seq=seq)
    state = locked_state(conversation)
    if shown <= state.visitor_seen_seq:
        return state.visitor_seen_seq
    with connection.cursor() as cursor:
        _SEEN.run(
            cursor,
            conversation=conversation.pk,
            channel=visitor.channel_id,
            known=max(shown, state.continued_seq),
            seq=shown,
            now=now,
        )
    seen = SeenByVisitor(
        conversation_id=conversation.pk,
        seq=shown,
        was_continued=state.continued_seq > state.visitor_seen_seq,
    )
    emit(seen)
    announce_change(conversation, is_internal=True)
    return shown


@transaction.atomic
def mark_delivered(
    *,
    visitor: Visitor,
    conversation: Conversation,
    seq: int,
    now: datetime | None = None,
) -> int:
    """Note that everything up to an item has reached a device of the visitor.

    Returns how far it has; in everything else like `mark_seen`.
    """
    now = now or timezone.now()
    shown = _last_shown(visitor, conversation=conversation, seq=seq)
    state = locked_state(conversation)
    if shown <= state.visitor_delivered_seq:
        return state.visitor_delivered_seq
    state.visitor_delivered_seq = shown
    state.save(update_fields=["visitor_delivered_seq"])
    changed = Delivery.objects.filter(
        conversation=conversation,
        channel_id=visitor.channel_id,
        state=DeliveryState.SENT,
        item__seq__lte=shown,
    ).update(state=DeliveryState.DELIVERED, updated_at=now)
    if changed:
        announce_change(conversation, is_internal=True)
    return shown


@transaction.atomic
def mark_seen_by_agent(
    *, conversation_id: int, seq: int, now: datetime | None = None
) -> None:
    """Note that an agent has looked at what the visitor wrote, and tell the visitor."""
    changed = ChatState.objects.filter(
        conversation_id=conversation_id, agent_seen_seq__lt=seq
    ).update(agent_seen_seq=seq, agent_seen_at=now or timezone.now())
    if changed:
        emit(SeenByAgent(conversation_id=conversation_id, seq=seq))


def locked_state(conversation: Conversation) -> ChatState:
    """Return the state of a chat, locked; the first time it is made."""
    found = _locked(conversation_id=conversation.pk)
    if not found:
        ChatState.objects.bulk_create(
            [ChatState(conversation=conversation)], ignore_conflicts=True
        )
        found = _locked(conversation_id=conversation.pk)
    return found[0]


@Prepared
def _locked(*, conversation_id: int) -> QuerySet[ChatState]:
    return ChatState.objects.select_for_update().filter(pk=conversation_id)


def _last_shown(visitor: Visitor, *, conversation: Conversation, seq: int) -> int:
    found = _shown(
        standing_of(visitor),
        conversation_id=conversation.pk,
        seq=min(seq, _LARGEST),
        **shown_sight(visitor),
    )
    return found[0] if found else 0


@Prepared
def _shown(
    standing: Standing, *, conversation_id: int, seq: int, **sight: Value
) -> QuerySet[TimelineItem, int]:
    shown = shown_to(onlooker(standing, **sight))
    upto = shown.filter(conversation_id=conversation_id, seq__lte=seq)
    return upto.order_by("-seq").values_list("seq", flat=True)[:1]
