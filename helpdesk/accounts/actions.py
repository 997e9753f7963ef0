"""What happens to the people who work here."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk.accounts.models import Invitation, Sight, Team, User
from helpdesk.accounts.roles import Role

INVITATION_LASTS = timedelta(days=7)


class AlreadyWorksHere(Exception):
    """There is an agent with this address."""


class InvitationInvalid(Exception):
    """The link is unknown, was used, or is too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation, and the secret part of its link: it is kept nowhere."""

    invitation: Invitation
    token: str


def create_first_admin(*, name: str, email: str, password: str) -> User:
    """Make the agent who sets everything else up."""
    return User.objects.create_superuser(name=name, email=email, password=password)


@transaction.atomic
def invite_agent(
    *,
    email: str,
    actor: User | None,
    name: str = "",
    role: Role = Role.AGENT,
    sight: Sight = Sight.ALL,
    teams: Iterable[Team] = (),
    now: datetime | None = None,
) -> Invited:
    """Make a link by which somebody can become an agent; earlier ones end.

    :raises AlreadyWorksHere: if there is such an agent
    """
    now = now or timezone.now()
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise AlreadyWorksHere
    Invitation.objects.filter(email=email, accepted_at=None).delete()
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        name=name,
        role=role,
        sight=sight,
        token_digest=digest_of(token),
        invited_by=actor,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    invitation.teams.set(teams)
    return Invited(invitation=invitation, token=token)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(*, token: str, now: datetime | None = None) -> Invitation:
    """Return the invitation that a link stands for.

    :raises InvitationInvalid: whatever is wrong with it
    """
    now = now or timezone.now()
    if len(token) < 20:
        raise InvitationInvalid
    invitation = Invitation.objects.filter(
        token_digest=digest_of(token), accepted_at=None, expires_at__gt=now
    ).first()
    if invitation is None:
        raise InvitationInvalid
    return invitation


@transaction.atomic
def accept_invitation(
    *, token: str, name: str, password: str, now: datetime | None = None
) -> User:
    """Make the agent that an invitation is for; role and teams come from it alone.

    :raises InvitationInvalid: also if somebody was faster with the same link
    """
    now = now or timezone.now()
    invitation = open_invitation(token=token, now=now)
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(
        accepted_at=now
    )
    if not taken:
        raise InvitationInvalid
    try:
        with transaction.atomic():
            agent = User.objects.create_user(
                email=invitation.email,
                password=password,
                name=name,
                role=invitation.role,
                sight=invitation.sight,
            )
    except IntegrityError as error:
        raise InvitationInvalid from error
    agent.teams.set(invitation.teams.all())
    return agent


@transaction.atomic
def set_availability(*, agent: User, is_available: bool) -> User:
    """Say whether `agent` takes new conversations now."""
    agent.is_available = is_available
    agent.save(update_fields=["is_available"])
    return agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What agents may say about themselves. Nothing here grants anything."""

    name: str
    signature: str
    locale: str
    time_zone: str
    theme: str


@transaction.atomic
def update_profile(*, agent: User, profile: Profile) -> User:
    """Keep what an agent says about themselves."""
    agent.name = profile.name
    agent.signature = profile.signature
    agent.locale = profile.locale
    agent.time_zone = profile.time_zone
    agent.theme = profile.theme
    agent.save(update_fields=["name", "signature", "locale", "time_zone", "theme"])
    return agent


@transaction.atomic
def change_password(*, agent: User, password: str) -> User:
    """Set a password; every session that was open with the old one ends."""
    agent.set_password(password)
    agent.save(update_fields=["password"])
    return agent
