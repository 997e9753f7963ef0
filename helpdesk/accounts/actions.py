"""What happens to the people who work here."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk.accounts.events import AgentAccessChanged, AgentDeactivated
from helpdesk.accounts.models import Invitation, Sight, Team, User
from helpdesk.accounts.roles import Role
from helpdesk.accounts.sessions import end_sessions
from helpdesk.core.events import emit

INVITATION_LASTS = timedelta(days=7)


class AlreadyWorksHere(Exception):
    """There is an agent with this address."""


class InvitationInvalid(Exception):
    """The link is unknown, was used, or is too old."""


class LastAdmin(Exception):
    """Nobody would be left who can set things up."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What an agent may do, and what they may see."""

    role: str
    sight: str
    teams: frozenset[int]


def access_of(agent: User) -> Access:
    return Access(
        role=agent.role,
        sight=agent.sight,
        teams=frozenset(agent.teams.values_list("pk", flat=True)),
    )


@transaction.atomic
def change_access(*, agent_id: int, access: Access) -> User:
    """Let an agent do and see what `access` says; their open sockets close.

    Another role ends their sessions. Whoever stops being an admin takes their open
    invitations along.

    :raises LastAdmin: if nobody would be left who can set things up
    """
    agent = _locked(agent_id)
    before = access_of(agent)
    if before == access:
        return agent
    if access.role != Role.ADMIN:
        _keep_an_admin(agent)
    agent.role, agent.sight = access.role, access.sight
    agent.save(update_fields=["role", "sight"])
    agent.teams.set(access.teams)
    if before.role != access.role:
        end_sessions(agent_id=agent.pk)
    emit(AgentAccessChanged(agent_id=agent.pk))
    return agent


@transaction.atomic
def change_members(*, team_id: int, member_ids: frozenset[int]) -> Team:
    """Say who is in a team; sockets of those who come and go close."""
    team = Team.objects.select_for_update().get(pk=team_id)
    before = frozenset(team.members.values_list("pk", flat=True))
    team.members.set(member_ids)
    for agent_id in sorted(before ^ member_ids):
        emit(AgentAccessChanged(agent_id=agent_id))
    return team


@transaction.atomic
def announce_access_of_all() -> None:
    """Have every socket ask again what it may hear: a team opened or closed."""
    for agent_id in User.objects.active().values_list("pk", flat=True):
        emit(AgentAccessChanged(agent_id=agent_id))


@transaction.atomic
def deactivate_agent(*, agent_id: int) -> User:
    """Let an agent in no longer: sessions, sockets and open invitations end.

    What they wrote stays; others hear of it and take back what was theirs to do.
    Twice does nothing more.

    :raises LastAdmin: if nobody would be left who can set things up
    """
    agent = _locked(agent_id)
    if not agent.is_active:
        return agent
    _keep_an_admin(agent)
    agent.is_active = agent.is_available = False
    agent.save(update_fields=["is_active", "is_available"])
    end_sessions(agent_id=agent.pk)
    emit(AgentAccessChanged(agent_id=agent.pk))
    emit(AgentDeactivated(agent_id=agent.pk))
    return agent


@transaction.atomic
def reactivate_agent(*, agent_id: int) -> User:
    """Let an agent sign in again, as who they were; what was released stays so."""
    agent = _locked(agent_id)
    agent.is_active = True
    agent.save(update_fields=["is_active"])
    return agent


@transaction.atomic
def rename_agent(*, agent_id: int, name: str, email: str) -> User:
    """Correct an agent's name, or the address they sign in with."""
    agent = _locked(agent_id)
    agent.name, agent.email = name, email.strip().lower()
    agent.save(update_fields=["name", "email"])
    return agent


def _locked(agent_id: int) -> User:
    """Lock the agent and all admins, so that two cannot remove each other."""
    others = User.objects.filter(role=Role.ADMIN) | User.objects.filter(pk=agent_id)
    list(others.order_by("pk").select_for_update())
    return User.objects.get(pk=agent_id)


def _keep_an_admin(agent: User) -> None:
    if not agent.is_admin:
        return
    admins = User.objects.active().filter(role=Role.ADMIN)
    if not admins.exclude(pk=agent.pk).exists():
        raise LastAdmin
    Invitation.objects.filter(invited_by=agent, accepted_at=None).delete()


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
