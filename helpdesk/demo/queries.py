"""What the page of the sample desk shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from customers.models import Customer, Identity
from helpdesk.demo.models import ReceivedMail
from helpdesk.demo.script import load_story

MOST_MAILS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Somebody a visitor can be, and how many mails they have received."""

    name: str
    address: str
    place: str
    initials: str
    color_index: int
    count: int


def mailboxes(*, chosen: str) -> list[Mailbox]:
    """Return the people of the story, after somebody else who was chosen."""
    addresses = [person.email for person in load_story().people.values()]
    if chosen and chosen not in addresses:
        addresses.insert(0, chosen)
    counts = dict(
        ReceivedMail.objects.filter(address__in=addresses)
        .values_list("address")
        .annotate(number=Count("id"))
    )
    owners = {
        identity.value: identity.customer
        for identity in Identity.objects.filter(
            kind="email", value__in=addresses
        ).select_related("customer")
    }
    return [
        _mailbox(address, owners.get(address), count=counts.get(address, 0))
        for address in addresses
    ]


def _mailbox(address: str, owner: Customer | None, *, count: int) -> Mailbox:
    return Mailbox(
        name=(owner.name if owner else "") or address,
        address=address,
        place=owner.location if owner else "",
        initials=owner.initials if owner else address[:1].upper(),
        color_index=owner.color_index if owner else 0,
        count=count,
    )


def received_by(address: str, *, after: int = 0) -> Sequence[ReceivedMail]:
    """Return the latest mails in a mailbox, the newest first."""
    return list(_without_raw(address).filter(pk__gt=after)[:MOST_MAILS])


def _without_raw(address: str) -> QuerySet[ReceivedMail]:
    return (
        ReceivedMail.objects.filter(address=address)
        .defer("raw")
        .order_by("-received_at", "-id")
    )


def newest_number(address: str) -> int:
    """Return the number after which a mail in this mailbox is new."""
    numbers = ReceivedMail.objects.filter(address=address).order_by("-id")
    return numbers.values_list("pk", flat=True).first() or 0
