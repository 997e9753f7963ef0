"""Write down what webhooks have to tell, once for each thing that happened."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from helpdesk.api.models import EventType, WebhookDelivery, WebhookEndpoint
from helpdesk.api.payloads import (
    Payload,
    payload_of,
    shown_message,
    visitor_in,
)
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.core.bells import WEBHOOKS
from helpdesk.core.doorbell import ring_after_commit
from inbox.models import TimelineItem

KEEP_TRYING: Final = timedelta(hours=24)
_NAMES: Final = uuid.UUID("5b0f2f2e-3c1d-4a57-9c57-6f5ec4f1b0aa")


def event_id_of(kind: EventType, *parts: object) -> uuid.UUID:
    """Return the id of what happened: the same whenever it is worked out again."""
    return uuid.uuid5(_NAMES, "\x1f".join((kind.value, *map(str, parts))))


@transaction.atomic
def tell_of_message(*, item_id: int, is_first: bool = False) -> None:
    """Tell of a message, once it can be seen; and of its conversation if it is new."""
    place = (
        TimelineItem.objects.filter(pk=item_id)
        .values_list("conversation_id", "channel_id", "public_id", "received_at")
        .first()
    )
    if place is None or not _listeners(place[1]):
        return
    conversation_id, _, public_id, at = place
    state = _state(conversation_id)
    found = shown_message(item_id=item_id, state=state)
    if found is None:
        return
    message, visitor = found
    if is_first:
        kind = EventType.CONVERSATION_CREATED
        _tell(kind, conversation_id, state=state, visitor=visitor, at=at)
    _tell(
        EventType.MESSAGE_CREATED,
        public_id,
        state=state,
        visitor=visitor,
        at=at,
        message=message,
    )


@transaction.atomic
def tell_of_conversation(
    *, kind: EventType, conversation_id: int, occasion: object, **more: Any
) -> None:
    """Tell what became of a chat.

    :param occasion: what tells this time from every other time
    """
    state = _state(conversation_id)
    visitor = visitor_in(state)
    if visitor is None or not _listeners(visitor.channel_id):
        return
    now = timezone.now()
    _tell(
        kind,
        conversation_id,
        occasion,
        state=state,
        visitor=visitor,
        at=now,
        **more,
    )


@transaction.atomic
def tell_of_rating(*, conversation_id: int, occasion: str) -> None:
    """Tell how the visitor says that it went."""
    state = _state(conversation_id)
    rating = {"score": state.rating, "comment": state.rating_comment}
    tell_of_conversation(
        kind=EventType.RATING_CREATED,
        conversation_id=conversation_id,
        occasion=occasion,
        rating=rating,
    )


def _state(conversation_id: int) -> ChatState:
    """Return the state of a chat; one that is not stored says that it is none."""
    rows = ChatState.objects.select_related(
        "conversation__customer",
        "conversation__assignee",
        "visitor__identity",
        "visitor__channel",
    )
    state = rows.filter(pk=conversation_id).first()
    return state or ChatState(conversation_id=conversation_id)


def _listeners(channel_id: int | None) -> list[WebhookEndpoint]:
    if channel_id is None:
        return []
    rows = WebhookEndpoint.objects.filter(is_active=True).defer("secrets")
    return [it for it in rows if it.channel_id in (None, channel_id)]


def _tell(
    kind: EventType,
    *occasion: object,
    state: ChatState,
    visitor: Visitor,
    at: datetime,
    **more: Payload,
) -> None:
    payload = payload_of(kind, state=state, visitor=visitor, at=at, **more)
    now = timezone.now()
    WebhookDelivery.objects.bulk_create(
        (
            WebhookDelivery(
                endpoint=endpoint,
                event_id=event_id_of(kind, *occasion),
                type=kind,
                conversation_id=state.pk,
                payload=payload,
                run_at=now,
                give_up_at=now + KEEP_TRYING,
                created_at=now,
            )
            for endpoint in _listeners(visitor.channel_id)
            if kind in endpoint.events
        ),
        ignore_conflicts=True,
    )
    ring_after_commit(WEBHOOKS)
