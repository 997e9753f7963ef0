"""Whose history a proven visitor joins: never more than was vouched for."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from customers.actions import AlreadyMerged, merge_customers, note_handles
from customers.mailboxes import mailbox_of
from customers.matching import SIGNED_IDENTITY
from customers.models import Identity, IdentityKind, NotTheSame, Proof
from helpdesk.chat.models import Visitor

logger = logging.getLogger(__name__)

TRIES: Final = 3


def join_customer(*, identity: Identity, email: str, now: datetime) -> None:
    """Make one person of a signed user and the owner of the signed mail address.

    Nobody is joined whom an agent told apart, or whom the same site knows as another
    user. Call it inside a transaction.
    """
    if not email:
        return
    address = _mail_identity(email=email, of=identity, now=now)
    if not _unite(kept=address, absorbed=identity, unless=_are_apart):
        return
    Identity.objects.filter(pk=address.pk, verified_at=None).update(
        verified_at=now, proof=Proof.SIGNED
    )


def join_visitor(visitor: Visitor, *, identity: Identity) -> bool:
    """Make an anonymous visitor the owner of `identity`; return whether they are.

    What they wrote before joins that customer's timeline, which can be undone. Whoever
    was proven as somebody else, here or by mail, stays who they are.
    """
    own = visitor.identity
    if visitor.is_proven or own.proof:
        return False
    return _unite(kept=identity, absorbed=own, unless=_is_somebody_else)


def _unite(
    *, kept: Identity, absorbed: Identity, unless: Callable[[Identity, Identity], bool]
) -> bool:
    """Make one person of the owners of both; return whether they are one now."""
    for _ in range(TRIES):
        if kept.customer_id == absorbed.customer_id:
            return True
        if unless(kept, absorbed):
            return False
        try:
            merge_customers(
                kept_id=kept.customer_id,
                absorbed_id=absorbed.customer_id,
                actor=None,
                reasons=[SIGNED_IDENTITY],
            )
        except AlreadyMerged:
            # By another tab, or an agent, in this very moment: see who is who now.
            logger.info("merged meanwhile: identity %s", absorbed.pk)
        kept.refresh_from_db()
        absorbed.refresh_from_db()
    return kept.customer_id == absorbed.customer_id


def _mail_identity(*, email: str, of: Identity, now: datetime) -> Identity:
    handle = Identity.objects.of_handle(kind=IdentityKind.EMAIL, value=email)
    found = handle.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            made = Identity.objects.create(
                customer_id=of.customer_id,
                kind=IdentityKind.EMAIL,
                value=email,
                mailbox=mailbox_of(email),
                display_name=of.display_name,
                proof=Proof.SIGNED,
                verified_at=now,
            )
            note_handles(customer_ids=[of.customer_id])
            return made
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


def _is_somebody_else(identity: Identity, own: Identity) -> bool:
    """Whether whoever wrote as `own` was proven to be anybody by now."""
    others = Identity.objects.filter(customer_id=own.customer_id).exclude(pk=own.pk)
    if others.exclude(proof=Proof.NONE).exists():
        return True
    return _are_told_apart(own, identity)


def _are_told_apart(one: Identity, other: Identity) -> bool:
    first, second = sorted((one.customer_id, other.customer_id))
    return NotTheSame.objects.filter(one_id=first, other_id=second).exists()
