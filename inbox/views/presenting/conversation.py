"""One conversation on the desk: its bar, its timeline, its composer."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from helpdesk.accounts import roles
from helpdesk.accounts.models import Team, User
from inbox.models import Conversation, Priority, Tag
from inbox.queries.counts import open_counts
from inbox.queries.cursors import Cursor
from inbox.queries.timeline import (
    TimelinePage,
    channels_of,
    earlier_topics,
    stranger_identity_ids,
    timeline_page,
)
from inbox.snoozing import snooze_choices
from inbox.views.presenting.composer import composer_for
from inbox.views.presenting.items import shown_items
from inbox.views.presenting.lists import ListView
from inbox.views.presenting.wrapping import Shown

Context = dict[str, Any]


class ShownConversation(Shown):
    """A conversation with the names of its tags."""

    def __init__(self, row: Conversation, *, tags: Sequence[str]) -> None:
        super().__init__(row)
        self.tags = tags


class ShownAgent(Shown):
    """A colleague with how much they have to do."""

    def __init__(self, row: User, *, open_count: int) -> None:
        super().__init__(row)
        self.open_count = open_count


class ShownTag(Shown):
    def __init__(self, row: Tag, *, is_chosen: bool) -> None:
        super().__init__(row)
        self.is_chosen = is_chosen


class ShownTopic(Shown):
    """Another conversation of the same customer, folded into one line."""

    def __init__(self, row: Conversation, *, channels: Sequence[str]) -> None:
        super().__init__(row)
        self.channels = channels
        self.url = reverse("inbox:conversation", args=[row.pk])


def conversation_context(
    conversation: Conversation, *, agent: User, view: ListView
) -> Context:
    """Return everything `_conversation.html` shows."""
    page = timeline_page(conversation=conversation)
    return {
        **header_context(conversation, agent=agent, view=view),
        **timeline_context(conversation, page=page, agent=agent),
        **_above(conversation, page=page, agent=agent),
        "composer": composer_for(conversation, agent=agent),
    }


def header_context(
    conversation: Conversation, *, agent: User, view: ListView
) -> Context:
    """Return what the bar above the timeline shows, and its menus."""
    tags = list(Tag.objects.order_by("name", "id")[:500])
    chosen = set(conversation.tag_ids)
    may_assign = agent.can(roles.ASSIGN)
    return {
        "view": view,
        "conversation": ShownConversation(
            conversation, tags=[tag.name for tag in tags if tag.pk in chosen]
        ),
        "tags": [ShownTag(tag, is_chosen=tag.pk in chosen) for tag in tags],
        "priorities": Priority.choices,
        "snooze_choices": snooze_choices(timezone.localtime()),
        "agents": assignable_agents(conversation) if may_assign else (),
        "teams": list(Team.objects.order_by("name", "id")) if may_assign else (),
        "may_assign": may_assign,
        "may_organize": agent.can(roles.ORGANIZE),
        "may_merge": agent.can(roles.MERGE),
    }


def assignable_agents(conversation: Conversation) -> list[ShownAgent]:
    """Return who may be given the conversation, with how much they have open."""
    team = conversation.team
    agents = User.objects.able_to_reply()
    if team is not None and team.is_private:
        agents = agents.filter(Q(teams=team) | Q(role=roles.Role.ADMIN))
    found = list(agents.order_by("name", "id").distinct())
    counts = open_counts([agent.pk for agent in found])
    return [ShownAgent(agent, open_count=counts.get(agent.pk, 0)) for agent in found]


def timeline_context(
    conversation: Conversation, *, page: TimelinePage, agent: User
) -> Context:
    """Return what `timeline.html` draws."""
    return {
        "items": shown_items(
            page,
            strangers=stranger_identity_ids(conversation),
            topic_subject=conversation.subject,
        ),
        "first_seq": first_seq_of(page),
        "now": timezone.now(),
        "may_reply": agent.can(roles.REPLY),
        "may_see_source": agent.can(roles.SEE_SOURCE),
    }


def first_seq_of(page: TimelinePage) -> int:
    return page.items[0].seq if page.items else 0


def earlier_url_of(conversation: Conversation, page: TimelinePage) -> str:
    if not page.has_earlier:
        return ""
    here = reverse("inbox:earlier-items", args=[conversation.pk])
    return f"{here}?before={first_seq_of(page)}"


def _above(conversation: Conversation, *, page: TimelinePage, agent: User) -> Context:
    return {
        **topics_context(conversation, agent=agent),
        "earlier_url": earlier_url_of(conversation, page),
    }


def topics_context(
    conversation: Conversation, *, agent: User, before: Cursor | None = None
) -> Context:
    """Return the customer's earlier topics, one line each."""
    found = earlier_topics(conversation=conversation, agent=agent, before=before)
    here = reverse("inbox:topics", args=[conversation.pk])
    return {
        "topics": shown_topics(found.topics),
        "topics_url": f"{here}?before={found.next}" if found.next else "",
    }


def shown_topics(topics: Sequence[Conversation]) -> list[ShownTopic]:
    channels = channels_of(topics)
    return [ShownTopic(topic, channels=channels.get(topic.pk, ())) for topic in topics]
