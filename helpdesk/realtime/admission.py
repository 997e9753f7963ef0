"""Who may stay connected as a visitor, and what they are told of."""

from collections.abc import Collection
from dataclasses import dataclass

from channels_ingest.providers.chat.settings import chat_settings
from helpdesk.chat.models import Visitor
from helpdesk.chat.tokens import TokenInvalid, visitor_of
from helpdesk.realtime.groups import VisitorGroups, groups_of_visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A visitor as far as their socket needs to know them."""

    visitor_id: int
    channel_id: int
    token_hash: str
    """Of the token that was shown: with another one they would be somebody else."""
    name: str
    tracks_visits: bool
    domains: tuple[str, ...]
    told: VisitorGroups


def admit(token: str) -> Guest | None:
    """Return whose token it is; None if nobody's."""
    try:
        return _guest(visitor_of(token))
    except TokenInvalid:
        return None


def readmit(guest: Guest) -> Guest | None:
    """Return the guest as they are now; None if their token is good no longer."""
    visitors = Visitor.objects.select_related("identity__customer", "channel")
    visitor = visitors.filter(
        pk=guest.visitor_id, token_hash=guest.token_hash, channel__is_active=True
    ).first()
    return _guest(visitor) if visitor else None


def still_admitted(guests: Collection[Guest]) -> set[tuple[int, str]]:
    """Return the ids and tokens' hashes of those who may stay, with one question."""
    rows = Visitor.objects.filter(
        pk__in={guest.visitor_id for guest in guests}, channel__is_active=True
    )
    return set(rows.values_list("pk", "token_hash"))


def _guest(visitor: Visitor) -> Guest:
    settings = chat_settings(visitor.channel.config)
    return Guest(
        visitor_id=visitor.pk,
        channel_id=visitor.channel_id,
        token_hash=visitor.token_hash,
        name=visitor.identity.customer.name or visitor.claimed_name,
        tracks_visits=settings.tracks_visits,
        domains=settings.domains,
        told=groups_of_visitor(visitor),
    )
