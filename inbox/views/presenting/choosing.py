"""What the menus of a conversation offer: read when they open, so never stale."""

from typing import Any

from django.db.models import Q

from helpdesk.accounts import roles
from helpdesk.accounts.models import Team, User
from inbox.models import Conversation, Tag
from inbox.queries.counts import open_counts
from inbox.views.presenting.wrapping import Shown

MOST_TAGS = 500


class ShownAgent(Shown):
    """A colleague with how much they have to do."""

    def __init__(self, row: User, *, open_count: int) -> None:
        super().__init__(row)
        self.open_count = open_count


class ShownTag(Shown):
    def __init__(self, row: Tag, *, is_chosen: bool) -> None:
        super().__init__(row)
        self.is_chosen = is_chosen


def assign_choices(conversation: Conversation) -> dict[str, Any]:
    """Return who may be given the conversation, people and teams."""
    return {
        "conversation": conversation,
        "agents": _assignable_agents(conversation),
        "teams": list(Team.objects.order_by("name", "id")),
    }


def _assignable_agents(conversation: Conversation) -> list[ShownAgent]:
    team = conversation.team
    agents = User.objects.able_to_reply()
    if team is not None and team.is_private:
        agents = agents.filter(Q(teams=team) | Q(role=roles.Role.ADMIN))
    found = list(agents.order_by("name", "id").distinct())
    counts = open_counts([agent.pk for agent in found])
    return [ShownAgent(agent, open_count=counts.get(agent.pk, 0)) for agent in found]


def tag_choices(conversation: Conversation) -> dict[str, Any]:
    """Return every tag, and which of them the conversation carries."""
    chosen = set(conversation.tag_ids)
    tags = Tag.objects.order_by("name", "id")[:MOST_TAGS]
    return {"tags": [ShownTag(tag, is_chosen=tag.pk in chosen) for tag in tags]}
