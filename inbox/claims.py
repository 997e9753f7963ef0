"""Which addresses a customer typed as theirs, in any of their conversations."""

from collections.abc import Sequence

from customers.claims import declare_claims
from customers.models import Customer
from inbox.models import Conversation

MOST = 5


def addresses_claimed_by(customer: Customer) -> Sequence[str]:
    """Return what was typed last first; an address of theirs is no claim any more."""
    own = customer.identities.filter(kind="email").values_list("value", flat=True)
    said = (
        Conversation.objects.filter(customer=customer, claims__has_key="email")
        .order_by("-last_activity_at", "-id")
        .values_list("claims__email", flat=True)[:MOST]
    )
    theirs = set(own)
    return [address for address in said if address and address not in theirs]


def declare() -> None:
    declare_claims(addresses_claimed_by)
