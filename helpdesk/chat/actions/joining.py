"""Whose history a proven visitor joins: never more than was vouched for."""

from datetime import datetime

from django.db import IntegrityError, transaction

from customers.actions import merge_customers
from customers.mailboxes import mailbox_of
from customers.matching import SIGNED_IDENTITY
from customers.models import Identity, IdentityKind, NotTheSame, Proof
from helpdesk.chat.models import Visitor


def join_customer(*, identity: Identity, email: str, now: datetime) -> None:
    """Make one person of a signed user and the owner of the signed mail address.

    Nobody is joined whom an agent told apart, or whom the same site knows as another
    user. Call it inside a transaction.
    """
    if not email:
        return
    address = _mail_identity(email=email, of=identity, now=now)
    if address.customer_id != identity.customer_id:
        if _are_apart(address, identity):
            return
        merge_customers(
            kept_id=address.customer_id,
            absorbed_id=identity.customer_id,
            actor=None,
            reasons=[SIGNED_IDENTITY],
        )
    Identity.objects.filter(pk=address.pk, verified_at=None).update(
        verified_at=now, proof=Proof.SIGNED
    )


def may_become(visitor: Visitor, *, identity: Identity) -> bool:
    """Whether an anonymous visitor is now the owner of `identity`; if so, they are.

    What they wrote before joins that customer's timeline, which can be undone. Whoever
    was proven as somebody else, here or by mail, stays who they are.
    """
    own = visitor.identity
    if visitor.is_proven or own.proof:
        return False
    if own.customer_id == identity.customer_id:
        return True
    others = Identity.objects.filter(customer_id=own.customer_id).exclude(pk=own.pk)
    if others.exclude(proof=Proof.NONE).exists() or _are_told_apart(own, identity):
        return False
    merge_customers(
        kept_id=identity.customer_id,
        absorbed_id=own.customer_id,
        actor=None,
        reasons=[SIGNED_IDENTITY],
    )
    return True


def _mail_identity(*, email: str, of: Identity, now: datetime) -> Identity:
    handle = Identity.objects.of_handle(kind=IdentityKind.EMAIL, value=email)
    found = handle.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Identity.objects.create(
                customer_id=of.customer_id,
                kind=IdentityKind.EMAIL,
                value=email,
                mailbox=mailbox_of(email),
                display_name=of.display_name,
                proof=Proof.SIGNED,
                verified_at=now,
            )
    except IntegrityError:
        # Their first mail was read in this very moment.
        return handle.get()


def _are_apart(address: Identity, identity: Identity) -> bool:
    other_users = Identity.objects.filter(
        customer_id=address.customer_id,
        kind=IdentityKind.CHAT,
        scope=identity.scope,
        proof=Proof.SIGNED,
    ).exclude(pk=identity.pk)
    return other_users.exists() or _are_told_apart(address, identity)


def _are_told_apart(one: Identity, other: Identity) -> bool:
    first, second = sorted((one.customer_id, other.customer_id))
    return NotTheSame.objects.filter(one_id=first, other_id=second).exists()
