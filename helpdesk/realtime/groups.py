"""Group names, and who may join which.

A group is told only that something changed; what it is now is fetched through a page
that asks for permission again. Even so nobody joins a group of what they may not see.
"""

from dataclasses import dataclass

from helpdesk.accounts.models import Sight, Team, User
from helpdesk.chat.models import Visitor
from helpdesk.chat.queries import conversations_of

NO_TEAM = "team.none"
MOST_CHATS = 50
"""Conversations of one visitor that are told of live, the newest; more are fetched."""


def team_group(team_id: int | None) -> str:
    return f"team.{team_id}" if team_id else NO_TEAM


def agent_group(agent_id: int) -> str:
    return f"agent.{agent_id}"


def conversation_group(conversation_id: int) -> str:
    return f"conversation.{conversation_id}"


def chat_group(conversation_id: int) -> str:
    """Return the group of a conversation's visitors; no agent is ever in it."""
    return f"chat.{conversation_id}"


def visitor_group(visitor_id: int) -> str:
    return f"visitor.{visitor_id}"


def customer_group(customer_id: int) -> str:
    """Return the group of all visitors who belong to a customer."""
    return f"customer.{customer_id}"


def groups_of(agent: User) -> set[str]:
    """Return the groups that tell `agent` of every conversation they may see.

    The same rules as `ConversationQuerySet.visible_to`.
    """
    if not agent.is_active:
        return set()
    own = {agent_group(agent.pk)}
    if agent.sight == Sight.ASSIGNED and not agent.is_admin:
        return own
    return own | {NO_TEAM} | {team_group(pk) for pk in _visible_team_ids(agent)}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorGroups:
    """What tells a visitor of everything that they may see."""

    public_ids: dict[int, str]
    """Of their conversations: the only ids that a visitor ever hears or says."""
    groups: frozenset[str]


def groups_of_visitor(visitor: Visitor) -> VisitorGroups:
    """Return the groups of a visitor; `conversations_of` decides, as everywhere."""
    newest = conversations_of(visitor).order_by("-last_activity_at", "-id")
    rows = newest.values_list("pk", "public_id")[:MOST_CHATS]
    public_ids = {pk: str(public_id) for pk, public_id in rows}
    own = {visitor_group(visitor.pk), customer_group(visitor.identity.customer_id)}
    return VisitorGroups(
        public_ids=public_ids,
        groups=frozenset(own | {chat_group(pk) for pk in public_ids}),
    )


def _visible_team_ids(agent: User) -> set[int]:
    if agent.is_admin:
        return set(Team.objects.values_list("pk", flat=True))
    own = set(agent.teams.values_list("pk", flat=True))
    if agent.sight == Sight.TEAMS:
        return own
    public = Team.objects.filter(is_private=False).values_list("pk", flat=True)
    return own | set(public)


def groups_to_tell(
    *, team_ids: set[int | None], agent_ids: set[int | None]
) -> set[str]:
    """Return the groups of everybody who sees, or just stopped seeing, a change."""
    return {team_group(pk) for pk in team_ids} | {
        agent_group(pk) for pk in agent_ids if pk
    }
