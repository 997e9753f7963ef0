"""What a visitor sees: their own conversations, and in them what is meant for them."""

import uuid
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.models import Identity, IdentityKind
from helpdesk.chat.models import Visitor
from helpdesk.core.prepared import Prepared, Value
from inbox.models import (
    Attachment,
    Conversation,
    DeliveryState,
    Direction,
    Kind,
    Participant,
    Status,
    TimelineItem,
    Visibility,
)
from inbox.models.conversation import ParticipantRole

UNSEEN_BY_CUSTOMERS = (DeliveryState.HELD, DeliveryState.CANCELED)


class Standing(StrEnum):
    """How much is known of a visitor: it decides what a query has to ask."""

    ANONYMOUS = "anonymous"
    PROVEN = "proven"


def standing_of(visitor: Visitor) -> Standing:
    return Standing.PROVEN if visitor.is_proven else Standing.ANONYMOUS


def own_sight(visitor: Visitor) -> dict[str, Value]:
    """Return the values that `conversations_of` goes by, for a prepared query."""
    sight: dict[str, Value] = {"identity_id": visitor.identity_id}
    if visitor.is_proven:
        sight["customer_id"] = visitor.identity.customer_id
        sight["scope"] = visitor.identity.scope
    return sight


def shown_sight(visitor: Visitor) -> dict[str, Value]:
    """Return the values that `shown_to` goes by, for a prepared query."""
    if visitor.is_proven:
        whose = {"customer_id": visitor.identity.customer_id}
    else:
        whose = {"identity_id": visitor.identity_id}
    return {**whose, "channel_id": visitor.channel_id}


def onlooker(standing: Standing, **sight: Any) -> Visitor:
    """Return somebody with that sight, to build a query with: the way back."""
    identity = Identity(
        pk=sight.get("identity_id", 0),
        customer_id=sight.get("customer_id", 0),
        scope=sight.get("scope", ""),
    )
    return Visitor(
        identity=identity,
        channel_id=sight.get("channel_id", 0),
        is_proven=standing == Standing.PROVEN,
    )


def identities_of(visitor: Visitor) -> QuerySet[Identity]:
    """Return the handles that this visitor has proven to be theirs.

    An anonymous visitor has only their own. Whoever showed a signed identity also has
    the chat handles of the same channel that belong to the same customer.
    """
    own = Q(pk=visitor.identity_id)
    if visitor.is_proven:
        own |= Q(
            customer_id=visitor.identity.customer_id,
            kind=IdentityKind.CHAT,
            scope=visitor.identity.scope,
        )
    return Identity.objects.filter(own)


def conversations_of(visitor: Visitor) -> QuerySet[Conversation]:
    """Return the conversations that this visitor takes part in, in no order yet.

    The one place that decides what a visitor may see: pages, API, files and sockets
    all ask here.
    """
    part = Participant.objects.filter(
        conversation=OuterRef("pk"), identity__in=identities_of(visitor)
    ).exclude(role=ParticipantRole.STRANGER)
    return Conversation.objects.filter(Exists(part)).exclude(status=Status.SPAM)


def conversation_of(visitor: Visitor, public_id: uuid.UUID) -> Conversation:
    """Return a conversation that the visitor takes part in.

    :raises Conversation.DoesNotExist: if there is none, or it is none of theirs
    """
    for conversation in _own(
        standing_of(visitor), public_id=public_id, **own_sight(visitor)
    ):
        return conversation
    raise Conversation.DoesNotExist


@Prepared
def _own(
    standing: Standing, *, public_id: uuid.UUID, **sight: Value
) -> QuerySet[Conversation]:
    return conversations_of(onlooker(standing, **sight)).filter(public_id=public_id)


def items_shown_to(
    visitor: Visitor, *, conversation: Conversation
) -> QuerySet[TimelineItem]:
    """Return the messages of a conversation that are meant for this visitor."""
    return shown_to(visitor).filter(conversation=conversation)


def shown_to(visitor: Visitor) -> QuerySet[TimelineItem]:
    """Return the messages that are meant for this visitor, in conversations of theirs.

    What somebody else wrote, by mail say, is theirs; so is what was written to them.
    What can still be taken back is not there yet. Whoever asks has made sure that the
    visitor takes part in the conversation.
    """
    whose = Q(identity_id=visitor.identity_id)
    if visitor.is_proven:
        whose = Q(identity__customer_id=visitor.identity.customer_id)
    theirs = whose & Q(direction=Direction.INBOUND)
    to_them = Q(direction=Direction.OUTBOUND, channel_id=visitor.channel_id)
    return (
        TimelineItem.objects.filter(theirs | to_them)
        .filter(
            kind=Kind.MESSAGE,
            visibility__in=(Visibility.PRIVATE, Visibility.PUBLIC),
        )
        .exclude(delivery__state__in=UNSEEN_BY_CUSTOMERS)
        .exclude(payload__contains={"mode": "forward"})
    )


def attachment_of(visitor: Visitor, public_id: uuid.UUID) -> Attachment:
    """Return a file of a message that is meant for this visitor.

    :raises Attachment.DoesNotExist: if there is none, or it is none of theirs
    """
    items = shown_to(visitor).filter(conversation__in=conversations_of(visitor))
    return Attachment.objects.get(public_id=public_id, item__in=items)
