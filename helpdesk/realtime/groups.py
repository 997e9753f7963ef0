"""Group names, and who may join which.

A group is told only that something changed; what it is now is fetched through a page
that asks for permission again. Even so nobody joins a group of what they may not see.
"""

from helpdesk.accounts.models import Sight, Team, User

NO_TEAM = "team.none"


def team_group(team_id: int | None) -> str:
    return f"team.{team_id}" if team_id else NO_TEAM


def agent_group(agent_id: int) -> str:
    return f"agent.{agent_id}"


def conversation_group(conversation_id: int) -> str:
    return f"conversation.{conversation_id}"


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
