"""A visitor begins: anonymously, or with the word of a site about who they are."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from customers.actions import resolve_identity
from customers.models import Customer, Identity, IdentityKind, Proof
from helpdesk.chat.actions.claiming import pass_on_claims_later
from helpdesk.chat.actions.forgetting import GIVEN_UP
from helpdesk.chat.actions.joining import join_customer, join_visitor
from helpdesk.chat.claims import (
    read_email,
    read_language,
    read_name,
    with_attributes,
)
from helpdesk.chat.events import VisitorAccessChanged
from helpdesk.chat.identity import LEEWAY, SignedIdentity
from helpdesk.chat.models import UsedProof, Visitor
from helpdesk.chat.tokens import (
    TokenInvalid,
    hash_of,
    new_secret,
    token_of,
    visitor_of,
)
from helpdesk.core.events import emit
from inbox.models import Channel


class IdentityUsed(Exception):
    """This proof opened a session already, and not the one it is shown with now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What is said about a visitor; None leaves what was said before."""

    name: str | None = None
    email: str | None = None
    language: str | None = None
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A visitor, and what proves from now on that it is them."""

    visitor: Visitor
    token: str


@transaction.atomic
def open_anonymous_session(
    *, channel: Channel, claims: Claims, now: datetime
) -> OpenSession:
    """Make a visitor of whom nothing is known but what they say.

    :raises ClaimInvalid: if a claim cannot be kept
    """
    secret = new_secret()
    visitor = Visitor(channel=channel, token_hash=hash_of(secret), last_seen_at=now)
    _claim(visitor, claims)
    visitor.identity = resolve_identity(
        kind=IdentityKind.CHAT,
        value=f"visitor:{visitor.public_id}",
        name=visitor.claimed_name,
        scope=scope_of(channel),
        now=now,
    )
    visitor.save()
    _learn(visitor.identity, locale=visitor.locale)
    return OpenSession(visitor=visitor, token=token_of(visitor, secret=secret))


@transaction.atomic
def reopen_session(
    *, channel: Channel, token: str, claims: Claims
) -> OpenSession | None:
    """Return the session that a token stands for; None if it stands for none here.

    :raises ClaimInvalid: if a claim cannot be kept
    """
    visitor = _visitor_with(token, channel=channel)
    if visitor is None:
        return None
    _keep(visitor, claims)
    return OpenSession(visitor=visitor, token=token)


@transaction.atomic
def open_known_session(
    *,
    channel: Channel,
    proof: SignedIdentity,
    earlier_token: str = "",
    claims: Claims,
    now: datetime,
) -> OpenSession:
    """Open the session of somebody whom a site vouched for.

    What an anonymous visitor wrote in this browser before becomes theirs. Shown again
    with the token that it opened, a proof changes nothing and the token stays.

    :param earlier_token: what the browser had so far; it may be good for nothing
    :raises IdentityUsed: if the proof opened another session before
    :raises ClaimInvalid: if a claim cannot be kept
    """
    _forget_old_proofs(now=now)
    used, is_new = UsedProof.objects.select_for_update(of=("self",)).get_or_create(
        channel=channel,
        fingerprint=proof.fingerprint,
        defaults={"expires_at": proof.expires_at},
    )
    earlier = _visitor_with(earlier_token, channel=channel)
    if not is_new and not _belongs_together(used, earlier, earlier_token):
        raise IdentityUsed
    identity = _proven_identity(channel=channel, proof=proof, now=now)
    join_customer(identity=identity, email=proof.email, now=now)
    identity = Identity.objects.select_related("customer").get(pk=identity.pk)
    session = _session_of(
        identity, channel=channel, used=used, earlier=earlier, token=earlier_token
    )
    visitor = session.visitor
    _claim(visitor, Claims(name=proof.name or None, email=proof.email or None))
    _claim(visitor, claims)
    visitor.last_seen_at = now
    visitor.save()
    if earlier is not None and session.token != earlier_token:
        emit(VisitorAccessChanged(visitor_id=earlier.pk))
    _learn(identity, locale=visitor.locale)
    _note_use(used, by=visitor, earlier=earlier, earlier_token=earlier_token)
    return session


@transaction.atomic
def update_visitor(*, visitor_id: int, claims: Claims) -> Visitor:
    """Keep what a visitor or their page says about them now.

    :raises ClaimInvalid: if a claim cannot be kept
    :raises TokenInvalid: if they have deleted their data meanwhile
    """
    visitor = (
        Visitor.objects.select_for_update(of=("self",), no_key=True)
        .select_related("identity__customer", "channel__brand")
        .get(pk=visitor_id)
    )
    if visitor.token_hash == GIVEN_UP:
        raise TokenInvalid
    _keep(visitor, claims)
    pass_on_claims_later(visitor)
    return visitor


def scope_of(channel: Channel) -> str:
    """Return the scope of the chat handles of a channel."""
    return f"channel:{channel.pk}"


def _keep(visitor: Visitor, claims: Claims) -> None:
    _claim(visitor, claims)
    visitor.save(
        update_fields=["claimed_name", "claimed_email", "locale", "attributes"]
    )
    _learn(visitor.identity, name=visitor.claimed_name, locale=visitor.locale)


def _claim(visitor: Visitor, claims: Claims) -> None:
    if claims.name is not None:
        visitor.claimed_name = read_name(claims.name)
    if claims.email is not None:
        visitor.claimed_email = read_email(claims.email)
    if claims.language is not None:
        visitor.locale = read_language(claims.language) or visitor.locale
    if claims.attributes is not None:
        visitor.attributes = with_attributes(visitor.attributes, claims.attributes)


def _proven_identity(
    *, channel: Channel, proof: SignedIdentity, now: datetime
) -> Identity:
    identity = resolve_identity(
        kind=IdentityKind.CHAT,
        value=f"user:{proof.user_id}",
        name=proof.name,
        scope=scope_of(channel),
        now=now,
    )
    if identity.proof != Proof.SIGNED:
        identity.proof = Proof.SIGNED
        identity.verified_at = now
        identity.save(update_fields=["proof", "verified_at"])
    return identity


def _visitor_with(token: str, *, channel: Channel) -> Visitor | None:
    """Return whose token it is, locked, if they chat on this channel."""
    try:
        known = visitor_of(token)
    except TokenInvalid:
        return None
    visitors = Visitor.objects.select_for_update(of=("self",), no_key=True)
    return (
        visitors.select_related("identity__customer", "channel__brand")
        .filter(pk=known.pk, channel=channel, token_hash=known.token_hash)
        .first()
    )


def _session_of(
    identity: Identity,
    *,
    channel: Channel,
    used: UsedProof,
    earlier: Visitor | None,
    token: str,
) -> OpenSession:
    if earlier is not None and earlier.is_proven and earlier.identity == identity:
        return OpenSession(visitor=earlier, token=token)
    visitor = _same_browser(used, earlier, identity=identity)
    visitor = visitor or Visitor(channel=channel)
    # A new secret: whoever else knows the old one, on a shared computer say, must not
    # be let into the history of whom the browser belongs to now.
    secret = new_secret()
    visitor.token_hash = hash_of(secret)
    visitor.identity = identity
    visitor.is_proven = True
    return OpenSession(visitor=visitor, token=token_of(visitor, secret=secret))


def _same_browser(
    used: UsedProof, earlier: Visitor | None, *, identity: Identity
) -> Visitor | None:
    """Return the visitor that goes on under a proven identity, if one may."""
    if earlier is None:
        again = used.visitor
        return again if again and again.identity_id == identity.pk else None
    return earlier if join_visitor(earlier, identity=identity) else None


def _belongs_together(
    used: UsedProof, earlier: Visitor | None, earlier_token: str
) -> bool:
    """Whether a proof is shown by the browser that it was made for."""
    if earlier is not None:
        return earlier.pk == used.visitor_id
    # The answer was lost on its way: they still have the token from before.
    return bool(used.earlier_token_hash) and hmac.compare_digest(
        used.earlier_token_hash, _hash_in(earlier_token)
    )


def _note_use(
    used: UsedProof, *, by: Visitor, earlier: Visitor | None, earlier_token: str
) -> None:
    if earlier is not None and earlier.pk == by.pk:
        used.earlier_token_hash = used.earlier_token_hash or _hash_in(earlier_token)
    used.visitor = by
    used.save(update_fields=["visitor", "earlier_token_hash"])


def _forget_old_proofs(*, now: datetime) -> None:
    """Delete some of the proofs that are too old to be shown again."""
    old = UsedProof.objects.filter(expires_at__lt=now - 2 * LEEWAY)
    some = old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:100]
    UsedProof.objects.filter(pk__in=list(some)).delete()


def _hash_in(token: str) -> str:
    return hash_of(token.partition(".")[2]) if token else ""


def _learn(identity: Identity, *, name: str = "", locale: str = "") -> None:
    """Tell the customer's card what it does not say yet."""
    customers = Customer.objects.filter(pk=identity.customer_id)
    if name:
        customers.filter(name="").update(name=name)
    if locale:
        customers.filter(locale="").update(locale=locale)
