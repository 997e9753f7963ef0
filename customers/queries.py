"""Reading about people: lists, handles, merges, and who may be the same person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, Q, QuerySet

from customers.mailboxes import mailbox_of
from customers.matching import Match, Profile, matches_of
from customers.models import Customer, Identity, Merge, NotTheSame
from customers.sight import visible_customers
from helpdesk.accounts.models import User

PAGE = 50
CANDIDATES = 50
SUGGESTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """Customers by name, with their handles, and where the next page begins."""

    customers: Sequence[Customer]
    identities: dict[int, list[Identity]]
    next: tuple[str, int] | None


def customer_page(
    *, agent: User, query: str = "", after: tuple[str, int] | None = None
) -> CustomerPage:
    """Return up to 50 customers in the order of their names."""
    rows = visible_customers(agent).filter(merged_into=None)
    if query:
        rows = rows.filter(named(query))
    if after is not None:
        name, pk = after
        rows = rows.filter(Q(name__gt=name) | Q(name=name, pk__gt=pk))
    found = list(rows.order_by("name", "id")[: PAGE + 1])
    shown = found[:PAGE]
    last = (shown[-1].name, shown[-1].pk) if len(found) > PAGE else None
    return CustomerPage(customers=shown, identities=identities_of_all(shown), next=last)


def named(query: str) -> Q:
    """Keep customers of whose name or handle `query` is a part.

    Two indexes, one for each: a condition with OR could use neither.
    """
    by_name = Customer.objects.filter(name__part_of=query).values("pk")
    by_handle = Identity.objects.filter(value__part_of=query).values("customer_id")
    return Q(pk__in=by_name.union(by_handle, all=True))


def search_people(*, query: str, agent: User, limit: int = 5) -> list[Customer]:
    """Return customers whose name or handle holds `query`, the most alike first."""
    query = " ".join(query.replace("\0", "").split())[:100]
    if len(query) < 2:
        return []
    rows = visible_customers(agent).filter(
        pk__in=_alike_by_name(query) | _alike_by_handle(query), merged_into=None
    )
    alike = TrigramSimilarity("name", query)
    return list(rows.annotate(alike=alike).order_by("-alike", "id")[:limit])


def _alike_by_name(query: str) -> set[int]:
    how = "part_of" if _has_trigram(query) else "istartswith"
    rows = Customer.objects.filter(**{f"name__{how}": query}, merged_into=None)
    return set(rows.values_list("pk", flat=True)[:CANDIDATES])


def _alike_by_handle(query: str) -> set[int]:
    value = query.lower()
    fits = (
        Q(value__part_of=value) if _has_trigram(value) else Q(value__startswith=value)
    )
    rows = Identity.objects.filter(fits)
    return set(rows.values_list("customer_id", flat=True)[:CANDIDATES])


def _has_trigram(query: str) -> bool:
    """Whether the index of parts can help; else the beginnings are looked through."""
    return any(len(word) >= 3 for word in query.split())


def identities_of(customer: Customer) -> list[Identity]:
    """Return the customer's handles, the last used first."""
    return list(_by_use(Identity.objects.filter(customer=customer)))


def identities_of_all(customers: Sequence[Customer]) -> dict[int, list[Identity]]:
    """Return the handles of several customers at once."""
    handles: dict[int, list[Identity]] = {customer.pk: [] for customer in customers}
    for identity in _by_use(Identity.objects.filter(customer_id__in=handles or [0])):
        handles[identity.customer_id].append(identity)
    return handles


def _by_use(rows: QuerySet[Identity]) -> QuerySet[Identity]:
    return rows.order_by(F("last_used_at").desc(nulls_last=True), "id")


def merges_of(customer: Customer) -> list[Merge]:
    """Return what was merged into the customer and can be taken apart again."""
    return list(
        Merge.objects.filter(kept=customer, undone_at=None)
        .select_related("absorbed", "actor")
        .order_by("-created_at", "-id")[:20]
    )


def possible_duplicates(
    *, customer: Customer, agent: User, claimed: Sequence[str] = ()
) -> list[Match]:
    """Return who may be the same person, as far as `agent` may see them.

    :param claimed: addresses that the customer says are theirs
    """
    candidates = _candidates(customer, agent=agent, claimed=claimed)
    profiles = _profiles([customer, *candidates])
    own, others = replace(profiles[0], claimed=tuple(claimed)), profiles[1:]
    refused = _told_apart(customer)
    matches = matches_of(own, [it for it in others if it.pk not in refused])
    return matches[:SUGGESTED]


def _candidates(
    customer: Customer, *, agent: User, claimed: Sequence[str]
) -> list[Customer]:
    alike = Q(pk__in=_same_mailbox(customer))
    if claimed:
        alike |= Q(pk__in=_owners_of(claimed))
    if customer.name:
        alike |= Q(name__iexact=customer.name)
    rows = visible_customers(agent).filter(alike, merged_into=None)
    return list(rows.exclude(pk=customer.pk).order_by("id")[:CANDIDATES])


def _same_mailbox(customer: Customer) -> list[int]:
    own = Identity.objects.filter(customer=customer).exclude(mailbox="")
    rows = Identity.objects.filter(mailbox__in=own.values("mailbox")[:10])
    others = rows.exclude(customer=customer).order_by("id")
    return list(others.values_list("customer_id", flat=True)[:CANDIDATES])


def _owners_of(addresses: Sequence[str]) -> list[int]:
    mailboxes = {mailbox for it in addresses if (mailbox := mailbox_of(it))}
    rows = Identity.objects.filter(mailbox__in=mailboxes).order_by("id")
    return list(rows.values_list("customer_id", flat=True)[:CANDIDATES])


def _profiles(customers: Sequence[Customer]) -> list[Profile]:
    handles = identities_of_all(customers)
    return [
        Profile(
            pk=customer.pk,
            name=customer.name,
            company=customer.company,
            location=customer.location,
            addresses=tuple(
                it.value for it in handles[customer.pk] if it.kind == "email"
            ),
        )
        for customer in customers
    ]


def _told_apart(customer: Customer) -> set[int]:
    pairs = NotTheSame.objects.filter(Q(one=customer) | Q(other=customer))
    return {
        other if one == customer.pk else one
        for one, other in pairs.values_list("one_id", "other_id")
    }
