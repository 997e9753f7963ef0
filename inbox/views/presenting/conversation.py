"""One conversation on the desk: its bar, its timeline, its composer."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from helpdesk.accounts import roles
from helpdesk.accounts.models import User
from inbox.models import Conversation, Priority, Status
from inbox.queries.cursors import Cursor
from inbox.queries.lists import tag_names
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
from inbox.views.presenting.lists import ListView, waiting_words
from inbox.views.presenting.wrapping import Shown

Context = dict[str, Any]


class ShownConversation(Shown):
    """A conversation with the names of its tags."""

    def __init__(self, row: Conversation, *, tags: Sequence[str]) -> None:
        super().__init__(row)
        self.tags = tags

    @property
    def words(self) -> dict[str, Any]:
        """What its menus need to know, as plain data."""
        return {
            "pk": self.row.pk,
            "status": int(self.row.status),
            "priority": int(self.row.priority),
            "is_open": self.row.is_open,
            "customer": {"pk": self.row.customer_id},
        }


class ShownTopic(Shown):
    """Another conversation of the same customer, folded into one line."""

    def __init__(self, row: Conversation, *, channels: Sequence[str]) -> None:
        super().__init__(row)
        self.channels = channels
        self.url = reverse("inbox:conversation", args=[row.pk])
        self.title = row.title


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
    """Return what the bar above the timeline shows."""
    names = tag_names([conversation])
    return {
        "view": view,
        "conversation": ShownConversation(
            conversation, tags=[names[it] for it in conversation.tag_ids if it in names]
        ),
        "priorities": [(value, str(title)) for value, title in Priority.choices],
        "snooze_choices": [
            {"value": it.value, "title": str(it.title), "at": it.at}
            for it in snooze_choices(timezone.localtime())
        ],
        "waiting": _waiting(conversation),
        "claims": claims_line(conversation),
        "may_assign": agent.can(roles.ASSIGN),
        "may_organize": agent.can(roles.ORGANIZE),
        "may_merge": agent.can(roles.MERGE),
    }


def _waiting(conversation: Conversation) -> Context | None:
    """Return since when a chat waits for an answer, None for anything else."""
    since, channel = conversation.waiting_since, conversation.channel
    if since is None or not conversation.is_chat or conversation.status != Status.OPEN:
        return None
    return waiting_words(since, patience=channel.unanswered_seconds, now=timezone.now())


def claims_line(conversation: Conversation) -> str:
    """Return what a visitor typed of themselves, as they typed it."""
    claims = conversation.claims
    said = (str(claims.get(name, "")) for name in ("name", "email"))
    known = conversation.customer.name
    return " · ".join(words for words in said if words and words != known)


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
