"""Which mail address a chat may go on at, and which mailbox it leaves by."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F, QuerySet

from customers.models import Identity, IdentityKind, Proof
from helpdesk.chat.models import Visitor
from inbox.models import (
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Kind,
)
from inbox.recipients import without_tag


def address_to_continue_at(
    visitor: Visitor, *, conversation: Conversation
) -> str | None:
    """Return the address that answers go on to, or None if nobody knows one.

    A proven address of the person comes first, then what the visitor claims, then
    what an agent has confirmed. Nothing is sent to what came back, or to ourselves.
    """
    came_back = set(_came_back(conversation))
    for address in _candidates(visitor, conversation=conversation):
        if address not in came_back and is_usable(address):
            return address
    return None


def proven_addresses(visitor: Visitor) -> QuerySet[Identity]:
    """Return the mail addresses that belong to whom the visitor has proven to be."""
    if not visitor.is_proven:
        return Identity.objects.none()
    return _mail_of(visitor.identity.customer_id).exclude(proof=Proof.NONE)


def is_usable(address: str) -> bool:
    """Whether mail may go there: an address, not ours, and not known to fail."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    failing = Identity.objects.filter(kind=IdentityKind.EMAIL, value=address).exclude(
        undeliverable_reason=""
    )
    return not failing.exists() and not _is_ours(address)


def mailbox_of(channel: Channel, *, channel_id: int | None) -> Channel | None:
    """Return the mailbox that mails of a chat leave by, if there is any.

    :param channel_id: the one that is set up for it; else it is the brand's first
    """
    boxes = Channel.objects.active().filter(kind="email").select_related("brand")
    chosen = boxes.filter(pk=channel_id).first() if channel_id else None
    return chosen or boxes.filter(brand_id=channel.brand_id).order_by("id").first()


def _candidates(visitor: Visitor, *, conversation: Conversation) -> Iterator[str]:
    yield from proven_addresses(visitor).values_list("value", flat=True)
    if visitor.claimed_email:
        yield visitor.claimed_email.strip().lower()
    confirmed = _mail_of(conversation.customer_id).filter(proof=Proof.AGENT)
    yield from confirmed.values_list("value", flat=True)


def _mail_of(customer_id: int) -> QuerySet[Identity]:
    return Identity.objects.filter(
        customer_id=customer_id, kind=IdentityKind.EMAIL
    ).order_by(F("last_used_at").desc(nulls_last=True), "id")


def _came_back(conversation: Conversation) -> Iterator[str]:
    bounced = Delivery.objects.filter(
        conversation=conversation,
        state=DeliveryState.BOUNCED,
        item__kind=Kind.EVENT,
    )
    for to in bounced.values_list("item__payload__to", flat=True):
        yield str(to)


def _is_ours(address: str) -> bool:
    """Mail to ourselves would come in again as if somebody had written it."""
    bare = without_tag(address)
    for own, aliases in Channel.objects.filter(kind="email").values_list(
        "address", "aliases"
    ):
        if bare in {own.lower(), *(str(alias).lower() for alias in aliases)}:
            return True
    return False
