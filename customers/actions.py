"""What can happen to people: they are recognised, merged, and taken apart again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from customers.events import CustomersMerged, MergeUndone
from customers.mailboxes import belongs_to_one_person, mailbox_of
from customers.matching import Reason
from customers.models import (
    Customer,
    Identity,
    IdentityKind,
    Merge,
    NotTheSame,
    Proof,
)
from customers.ownership import owned_column, owned_columns
from helpdesk.accounts.models import User
from helpdesk.core.events import emit
from helpdesk.core.prepared import Prepared

CHATS_AGAIN = timedelta(minutes=1)
FILLED_IN_BY_MERGE = ("name", "company", "location", "locale", "time_zone", "notes")


HandleKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """Something a person writes from, as a message says it."""

    kind: str
    value: str
    """Normalised, as `Identity.value` is."""
    name: str = ""
    scope: str = ""

    @property
    def key(self) -> HandleKey:
        return self.kind, self.value, self.scope


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
    handle = Handle(kind=kind, value=value, name=name, scope=scope)
    return resolve_identities(handles=[handle], now=now)[handle.key]


def resolve_identities(
    *, handles: Iterable[Handle], now: datetime
) -> dict[HandleKey, Identity]:
    """Return the identities of many handles, each with its customer, by their key."""
    wanted = _each_once(handles)
    found = _find_identities(wanted)
    missing = [wanted[key] for key in sorted(wanted.keys() - found.keys())]
    if missing:
        found |= _make_identities(missing, now=now)
    for key, handle in wanted.items():
        _learn_name(found[key], name=handle.name)
    return found


def _each_once(handles: Iterable[Handle]) -> dict[HandleKey, Handle]:
    wanted: dict[HandleKey, Handle] = {}
    for handle in handles:
        if handle.key not in wanted or not wanted[handle.key].name:
            wanted[handle.key] = handle
    return wanted


def _find_identities(wanted: Mapping[HandleKey, Handle]) -> dict[HandleKey, Identity]:
    if len(wanted) == 1:
        ((kind, value, scope),) = wanted
        rows = _identity(kind=str(kind), value=value, scope=scope)
    else:
        rows = list(
            _owned().filter(
                kind__in={kind for kind, _, _ in wanted},
                value__in=[value for _, value, _ in wanted],
            )
        )
    keyed = {(row.kind, row.value, row.scope): row for row in rows}
    return {key: keyed[key] for key in wanted if key in keyed}


def _owned() -> QuerySet[Identity]:
    return Identity.objects.select_related("customer")


@Prepared
def _identity(*, kind: str, value: str, scope: str) -> QuerySet[Identity]:
    return _owned().filter(kind=kind, value=value, scope=scope)


@transaction.atomic
def _make_identities(
    handles: Sequence[Handle], *, now: datetime
) -> dict[HandleKey, Identity]:
    try:
        with transaction.atomic():
            made = Identity.objects.bulk_create(_new_identities(handles, now=now))
    except IntegrityError:
        return _make_those_missing(handles, now=now)
    return {(row.kind, row.value, row.scope): row for row in made}


def _make_those_missing(
    handles: Sequence[Handle], *, now: datetime
) -> dict[HandleKey, Identity]:
    """Make what another worker has not made in the same moment, and find the rest."""
    identities = _new_identities(handles, now=now)
    Identity.objects.bulk_create(identities, ignore_conflicts=True)
    found = _find_identities({handle.key: handle for handle in handles})
    owners = {identity.customer_id for identity in found.values()}
    strays = {identity.customer_id for identity in identities} - owners
    Customer.objects.filter(pk__in=strays).delete()
    return found


def _new_identities(handles: Sequence[Handle], *, now: datetime) -> list[Identity]:
    customers = Customer.objects.bulk_create(
        Customer(
            name=handle.name[:200],
            is_visitor=handle.kind == IdentityKind.CHAT,
            created_at=now,
        )
        for handle in handles
    )
    return [
        Identity(
            customer=customer,
            kind=handle.kind,
            value=handle.value,
            mailbox=mailbox_of(handle.value) if handle.kind == "email" else "",
            scope=handle.scope,
            display_name=handle.name[:200],
            created_at=now,
        )
        for customer, handle in zip(customers, handles, strict=True)
    ]


def note_handles(*, customer_ids: Collection[int]) -> None:
    """Remember of whom only chats are known; call it when handles came or went."""
    handles = Identity.objects.filter(customer=OuterRef("pk"))
    Customer.objects.filter(pk__in=customer_ids).update(
        is_visitor=Exists(handles.filter(kind=IdentityKind.CHAT))
        & ~Exists(handles.exclude(kind=IdentityKind.CHAT))
    )


def _learn_name(identity: Identity, *, name: str) -> None:
    if not name or identity.display_name:
        return
    identity.display_name = name[:200]
    with transaction.atomic():
        identity.save(update_fields=["display_name"])
        if not identity.customer.name:
            identity.customer.name = name[:200]
            identity.customer.save(update_fields=["name"])


def note_uses(
    *,
    used: Collection[Identity],
    authenticated: Collection[Identity],
    now: datetime,
) -> list[Merge]:
    """Remember that handles were just used, and whose owners were proven thereby.

    People whose proven addresses lead to one mailbox are one person from then on; the
    merges this took are returned.
    """
    stale = {it.pk for it in used if _is_stale(it, now=now)}
    if stale:
        Identity.objects.filter(pk__in=stale).update(last_used_at=now)
    proven = [it for it in authenticated if it.verified_at is None]
    if not proven:
        return []
    Identity.objects.filter(pk__in={it.pk for it in proven}, verified_at=None).update(
        verified_at=now, proof=Proof.AUTHENTICATED
    )
    return [merge for identity in proven for merge in _join_mailbox(identity)]


def _is_stale(identity: Identity, *, now: datetime) -> bool:
    """Whether it is worth a write: whoever chats uses theirs every few seconds."""
    at = identity.last_used_at
    is_chat = identity.kind == IdentityKind.CHAT
    return at is None or not is_chat or abs(now - at) >= CHATS_AGAIN


def _join_mailbox(identity: Identity) -> list[Merge]:
    """Merge whoever else has been proven to read the mailbox of `identity`."""
    if not belongs_to_one_person(identity.mailbox):
        return []
    readers = set(
        Identity.objects.filter(mailbox=identity.mailbox, proof=Proof.AUTHENTICATED)
        .order_by("customer_id")
        .values_list("customer_id", flat=True)
    )
    if len(readers) < 2 or _are_told_apart(readers):
        return []
    kept_id, *others = sorted(readers)
    reasons = [Reason.SAME_MAILBOX.value]
    return [
        merge_customers(kept_id=kept_id, absorbed_id=pk, actor=None, reasons=reasons)
        for pk in others
    ]


def _are_told_apart(customer_ids: Collection[int]) -> bool:
    pairs = NotTheSame.objects.filter(
        one_id__in=customer_ids, other_id__in=customer_ids
    )
    return pairs.exists()


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
    note_handles(customer_ids=[kept.pk])
    first, second = sorted((kept.pk, absorbed.pk))
    NotTheSame.objects.filter(one_id=first, other_id=second).delete()
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
    note_handles(customer_ids=[kept.pk, restored.pk])
    merge.undone_at = timezone.now()
    merge.undone_by = actor
    merge.save(update_fields=["undone_at", "undone_by"])
    if actor:
        mark_not_the_same(one_id=kept.pk, other_id=restored.pk, actor=actor)
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


@transaction.atomic
def save_notes(*, customer_id: int, notes: str) -> Customer:
    """Keep what everybody should know about this person."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    customer.notes = notes
    customer.save(update_fields=["notes"])
    return customer


@transaction.atomic
def describe_customer(
    *, customer_id: int, name: str, company: str, location: str, notes: str
) -> Customer:
    """Write down who somebody is."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    customer.name = name
    customer.company = company
    customer.location = location
    customer.notes = notes
    customer.save(update_fields=["name", "company", "location", "notes"])
    return customer


@transaction.atomic
def allow_remote_images(*, identity_id: int) -> None:
    """Load pictures from the web in mail of this address from now on."""
    Identity.objects.filter(pk=identity_id).update(shows_remote_images=True)
