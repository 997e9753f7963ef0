"""Who is on the site now, as agents read it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from customers.models import Customer, IdentityKind
from customers.sight import visible_customers
from helpdesk.accounts.models import User
from helpdesk.chat.attendance import Attending, on_the_site, where_is
from helpdesk.chat.models import Visitor
from inbox.models import Channel, Conversation, Status

CHAT_KINDS = ("webchat", "api")
MOST_ROWS = 100
MOST_VISITORS = 20
"""Browsers of one customer that are looked for, those seen last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One line of the page: somebody, where they are, and what was said before."""

    name: str
    """Empty for whoever nobody knows, or whom this agent may not see."""
    at: Attending
    channel: str
    conversation_id: int | None


def guests_on_the_site(*, agent: User, now: datetime) -> list[Guest]:
    """Return who is on the site now, whoever came last first."""
    channels = dict(
        Channel.objects.active().filter(kind__in=CHAT_KINDS).values_list("pk", "name")
    )
    present = on_the_site(channels, now=now)[:MOST_ROWS]
    visitors = _visitors({it.visitor_id for it in present if it.visitor_id})
    names = _names(visitors.values(), agent=agent)
    topics = _topics({it.identity_id for it in visitors.values()}, agent=agent)
    return [
        _guest(
            it,
            visitors.get(it.visitor_id or 0),
            names=names,
            topics=topics,
            channel=channels[it.channel_id] if len(channels) > 1 else "",
        )
        for it in present
    ]


def where_customer_is(customer: Customer, *, now: datetime) -> Attending | None:
    """Return where a customer is right now, if on the site at all."""
    visitors = Visitor.objects.filter(
        identity__customer=customer, identity__kind=IdentityKind.CHAT
    ).order_by("-last_seen_at", "-id")
    keys = visitors.values_list("pk", "channel_id")[:MOST_VISITORS]
    return where_is(list(keys), now=now)


def _guest(
    at: Attending,
    visitor: Visitor | None,
    *,
    names: dict[int, str],
    topics: dict[int, int],
    channel: str,
) -> Guest:
    name, topic = "", None
    if visitor is not None:
        name = names.get(visitor.identity.customer_id, "")
        topic = topics.get(visitor.identity_id)
    return Guest(name=name, at=at, channel=channel, conversation_id=topic)


def _visitors(visitor_ids: set[int]) -> dict[int, Visitor]:
    return Visitor.objects.select_related("identity").in_bulk(visitor_ids)


def _names(visitors: Collection[Visitor], *, agent: User) -> dict[int, str]:
    """Return what the customers are called whom this agent may see."""
    ids = {it.identity.customer_id for it in visitors}
    seen = visible_customers(agent).filter(pk__in=ids).values_list("pk", "name")
    claimed = {it.identity.customer_id: it.claimed_name for it in visitors}
    return {pk: name or claimed[pk] for pk, name in seen}


def _topics(identity_ids: Collection[int], *, agent: User) -> dict[int, int]:
    """Return the newest conversation of each handle that this agent may open."""
    newest = (
        Conversation.objects.visible_to(agent)
        .filter(identity_id__in=identity_ids)
        .exclude(status=Status.SPAM)
        .order_by("identity_id", "-last_activity_at", "-id")
        .distinct("identity_id")
    )
    return dict(newest.values_list("identity_id", "pk"))
