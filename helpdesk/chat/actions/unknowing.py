"""What is known of a person from their chats, taken off their card again."""

import uuid
from collections.abc import Collection
from typing import Final

from django.db.models import Count, Exists, OuterRef, QuerySet

from customers.actions import note_handles
from customers.events import CustomerChanged
from customers.models import Customer, Identity, IdentityKind, Merge, Proof
from helpdesk.core.events import emit
from inbox.models import Conversation, Participant, TimelineItem

HANDLES: Final = "customers.Identity.customer_id"
"""In `Merge.moved`: which handles came with whom was merged."""


def blank_people(identities: Collection[Identity]) -> None:
    """Make chat handles nobody's in particular, and whoever had no others nameless.

    A customer who also writes by mail stays known by that.
    """
    pks = {identity.pk for identity in identities}
    customer_ids = {identity.customer_id for identity in identities}
    for identity in identities:
        _blank_handle(identity)
    _drop_vouched_addresses(customer_ids)
    note_handles(customer_ids=customer_ids)
    others = Identity.objects.filter(customer_id__in=customer_ids).exclude(pk__in=pks)
    known_otherwise = set(others.values_list("customer_id", flat=True))
    _blank_cards(customer_ids - known_otherwise)
    _blank_cards(_absorbed_with(pks, into=known_otherwise))
    for customer_id in sorted(customer_ids):
        emit(CustomerChanged(customer_id=customer_id))


def only_claimed(addresses: Collection[str]) -> QuerySet[Identity]:
    """Return which of these nobody has ever written from or vouched for."""
    written = Exists(TimelineItem.objects.filter(identity=OuterRef("pk")))
    return Identity.objects.filter(
        kind=IdentityKind.EMAIL,
        value__in=addresses,
        proof=Proof.NONE,
        last_used_at=None,
    ).exclude(written)


def drop_claimed(addresses: Collection[str]) -> None:
    """Delete such addresses, if nothing else is known of whom they belong to."""
    own = OuterRef("pk")
    dropped = only_claimed(addresses).exclude(
        Exists(Participant.objects.filter(identity=own))
        | Exists(Conversation.objects.filter(identity=own))
        | ~Exists(_strangers().filter(pk=OuterRef("customer_id")))
    )
    owners = list(dropped.values_list("customer_id", flat=True))
    dropped.delete()
    Customer.objects.filter(pk__in=owners).delete()


def _strangers() -> QuerySet[Customer]:
    """Return whom we know by one handle and nothing else."""
    handles = Identity.objects.filter(customer=OuterRef("pk")).order_by()
    others = handles.values("customer").annotate(count=Count("pk")).filter(count__gt=1)
    return Customer.objects.filter(
        name="",
        company="",
        notes="",
        labels=[],
        conversations=None,
        items=None,
        merges_kept=None,
        absorbed=None,
    ).exclude(Exists(others))


def _blank_handle(identity: Identity) -> None:
    if identity.value.startswith("user:"):
        # Should the site vouch for this user again, they are somebody new to us.
        identity.value = f"gone:{uuid.uuid4()}"
    identity.display_name = ""
    identity.proof = Proof.NONE
    identity.verified_at = None
    identity.is_forgotten = True
    identity.save(
        update_fields=["value", "display_name", "proof", "verified_at", "is_forgotten"]
    )


def _drop_vouched_addresses(customer_ids: Collection[int]) -> None:
    """Delete mail addresses that a site told us and that were never written from."""
    own = OuterRef("pk")
    used = (
        Exists(Participant.objects.filter(identity=own)),
        Exists(TimelineItem.objects.filter(identity=own)),
    )
    vouched = Identity.objects.filter(
        customer_id__in=customer_ids, kind=IdentityKind.EMAIL, proof=Proof.SIGNED
    )
    vouched.exclude(used[0]).exclude(used[1]).filter(last_used_at=None).delete()


def _absorbed_with(pks: Collection[int], *, into: Collection[int]) -> set[int]:
    """Return who was merged into a customer and had nothing but these handles."""
    merges = Merge.objects.filter(kept__in=into, undone_at=None)
    return {
        merge.absorbed_id
        for merge in merges
        if set(merge.moved.get(HANDLES, ())) <= set(pks)
    }


def _blank_cards(customer_ids: Collection[int]) -> None:
    wanted = set(customer_ids)
    while wanted:
        Customer.objects.filter(pk__in=wanted).update(
            name="",
            company="",
            location="",
            locale="",
            time_zone="",
            notes="",
            labels=[],
        )
        absorbed = Customer.objects.filter(merged_into__in=wanted)
        wanted = set(absorbed.values_list("pk", flat=True))
