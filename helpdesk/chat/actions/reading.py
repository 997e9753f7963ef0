"""How far both sides have read: marks go forward only, and never past the end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from helpdesk.chat.events import SeenByAgent, SeenByVisitor
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.chat.queries import items_shown_to
from helpdesk.core.events import emit
from inbox.actions.appending import announce_change
from inbox.models import Conversation, Delivery, DeliveryState
from inbox.models.delivery import DeliveryQuerySet

_LARGEST: Final = 2**31 - 1


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
    state.visitor_seen_seq = shown
    state.visitor_delivered_seq = max(shown, state.visitor_delivered_seq)
    state.visitor_seen_at = now
    state.unseen_since = _unseen_since(state, visitor=visitor)
    state.save()
    arrived = (DeliveryState.SENT, DeliveryState.DELIVERED)
    _deliveries(visitor, conversation, states=arrived, seq=shown).update(
        state=DeliveryState.SEEN, seen_at=now, updated_at=now
    )
    emit(SeenByVisitor(conversation_id=conversation.pk, seq=shown))
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
    changed = _deliveries(
        visitor, conversation, states=(DeliveryState.SENT,), seq=shown
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
    ChatState.objects.bulk_create(
        [ChatState(conversation=conversation)], ignore_conflicts=True
    )
    return ChatState.objects.select_for_update().get(pk=conversation.pk)


def _last_shown(visitor: Visitor, *, conversation: Conversation, seq: int) -> int:
    shown = items_shown_to(visitor, conversation=conversation)
    upto = shown.filter(seq__lte=min(seq, _LARGEST))
    return int(upto.aggregate(last=Max("seq"))["last"] or 0)


def _unseen_since(state: ChatState, *, visitor: Visitor) -> datetime | None:
    """Return when the oldest answer was written that nobody has seen or sent on."""
    unseen = Delivery.objects.filter(
        conversation_id=state.pk,
        channel_id=visitor.channel_id,
        item__seq__gt=max(state.visitor_seen_seq, state.continued_seq),
    ).exclude(state=DeliveryState.CANCELED)
    oldest: datetime | None = unseen.aggregate(at=Min("item__received_at"))["at"]
    return oldest


def _deliveries(
    visitor: Visitor,
    conversation: Conversation,
    *,
    states: Sequence[DeliveryState],
    seq: int,
) -> DeliveryQuerySet:
    return Delivery.objects.filter(
        conversation=conversation,
        channel_id=visitor.channel_id,
        state__in=states,
        item__seq__lte=seq,
    )
