"""What can happen to people: they are recognised, merged, and taken apart again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from customers.events import CustomersMerged, MergeUndone
from customers.models import Customer, Identity, Merge, NotTheSame, Proof
from customers.ownership import owned_column, owned_columns
from helpdesk.accounts.models import User
from helpdesk.core.events import emit

FILLED_IN_BY_MERGE = ("name", "company", "location", "locale", "time_zone", "notes")


class SameCustomer(Exception):
    """Both sides of the merge are one and the same."""


class AlreadyMerged(Exception):
    """One side has been merged into somebody else in the meantime."""


class MergeAlreadyUndone(Exception):
    """Somebody took the two apart before."""


def resolve_identity(
    *, kind: str, value: str, name: str = "", scope: str = "", now: datetime
) -> Identity:
    """Return the identity of a handle, with its customer; make both if new.

    Safe when two workers meet the same new handle at once.
    """
    identity = _find_identity(kind=kind, value=value, scope=scope)
    if identity is None:
        identity = _make_identity(
            kind=kind, value=value, name=name, scope=scope, now=now
        )
    _learn_name(identity, name=name)
    return identity


def _find_identity(*, kind: str, value: str, scope: str) -> Identity | None:
    return (
        Identity.objects.select_related("customer")
        .of_handle(kind=kind, value=value, scope=scope)
        .first()
    )


def _make_identity(
    *, kind: str, value: str, name: str, scope: str, now: datetime
) -> Identity:
    try:
        with transaction.atomic():
            customer = Customer.objects.create(name=name[:200], created_at=now)
            return Identity.objects.create(
                customer=customer,
                kind=kind,
                value=value,
                scope=scope,
                display_name=name[:200],
                created_at=now,
            )
    except IntegrityError:
        identity = _find_identity(kind=kind, value=value, scope=scope)
        if identity is None:
            raise
        return identity


def _learn_name(identity: Identity, *, name: str) -> None:
    if not name or identity.display_name:
        return
    identity.display_name = name[:200]
    identity.save(update_fields=["display_name"])
    if not identity.customer.name:
        identity.customer.name = name[:200]
        identity.customer.save(update_fields=["name"])


def note_use(*, identity: Identity, now: datetime, is_authenticated: bool) -> None:
    """Remember that the handle was just used, and whether its owner was proven."""
    identity.last_used_at = now
    fields = ["last_used_at"]
    if is_authenticated and not identity.verified_at:
        identity.verified_at = now
        identity.proof = Proof.AUTHENTICATED
        fields += ["verified_at", "proof"]
    identity.save(update_fields=fields)


@transaction.atomic
def merge_customers(
    *, kept_id: int, absorbed_id: int, actor: User | None, reasons: Iterable[str]
) -> Merge:
    """Make two customers one; every trace of who owned what before is kept.

    :raises SameCustomer: if both ids are the same
    :raises AlreadyMerged: if either was merged away in the meantime
    """
    if kept_id == absorbed_id:
        raise SameCustomer
    kept, absorbed = _lock_pair(kept_id, absorbed_id)
    if kept.merged_into_id or absorbed.merged_into_id:
        raise AlreadyMerged
    merge = Merge.objects.create(
        kept=kept,
        absorbed=absorbed,
        reasons=list(reasons),
        moved=_move_everything(kept=kept, absorbed=absorbed),
        previous=_fill_in(kept=kept, absorbed=absorbed),
        actor=actor,
    )
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    emit(
        CustomersMerged(
            kept_id=kept.pk,
            absorbed_id=absorbed.pk,
            merge_id=merge.pk,
            actor_id=actor.pk if actor else None,
        )
    )
    return merge


def _lock_pair(kept_id: int, absorbed_id: int) -> tuple[Customer, Customer]:
    # In the order of their ids, so that two opposite merges cannot deadlock.
    found = {
        customer.pk: customer
        for customer in Customer.objects.select_for_update()
        .filter(pk__in=(kept_id, absorbed_id))
        .order_by("id")
    }
    if len(found) != 2:
        raise Customer.DoesNotExist
    return found[kept_id], found[absorbed_id]


def _move_everything(*, kept: Customer, absorbed: Customer) -> dict[str, list[int]]:
    moved = {}
    for owned in owned_columns():
        rows = owned.rows().filter(**{owned.column: absorbed.pk})
        moved[owned.key] = list(rows.values_list("pk", flat=True))
        rows.update(**{owned.column: kept.pk})
    return moved


def _fill_in(*, kept: Customer, absorbed: Customer) -> dict[str, Any]:
    previous = {}
    for field in FILLED_IN_BY_MERGE:
        if not getattr(kept, field) and getattr(absorbed, field):
            previous[field] = getattr(kept, field)
            setattr(kept, field, getattr(absorbed, field))
    kept.save(update_fields=list(previous))
    return previous


def _move_back(merge: Merge) -> None:
    handles = merge.moved.get("customers.Identity.customer_id", [])
    for key, pks in merge.moved.items():
        owned = owned_column(key)
        came_with_them = Q(pk__in=pks) | Q(**{f"{owned.identity_path}__in": handles})
        owned.rows().filter(came_with_them, **{owned.column: merge.kept_id}).update(
            **{owned.column: merge.absorbed_id}
        )


@transaction.atomic
def undo_merge(*, merge_id: int, actor: User | None) -> Merge:
    """Take two merged customers apart again, at any later time.

    What arrived since the merge stays where its handle belongs: rows written by a
    handle that goes back go back with it, everything else stays with the one kept.

    :raises MergeAlreadyUndone: if it was undone before
    """
    merge = Merge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at:
        raise MergeAlreadyUndone
    kept, restored = _lock_pair(merge.kept_id, merge.absorbed_id)
    _move_back(merge)
    for field, value in merge.previous.items():
        setattr(kept, field, value)
    kept.save(update_fields=list(merge.previous))
    restored.merged_into = None
    restored.save(update_fields=["merged_into"])
    merge.undone_at = timezone.now()
    merge.undone_by = actor
    merge.save(update_fields=["undone_at", "undone_by"])
    emit(
        MergeUndone(
            kept_id=kept.pk,
            restored_id=restored.pk,
            merge_id=merge.pk,
            actor_id=actor.pk if actor else None,
        )
    )
    return merge


def mark_not_the_same(*, one_id: int, other_id: int, actor: User) -> None:
    """Stop suggesting that the two are one person."""
    first, second = sorted((one_id, other_id))
    NotTheSame.objects.get_or_create(
        one_id=first, other_id=second, defaults={"actor": actor}
    )
