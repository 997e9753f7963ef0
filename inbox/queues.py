"""The queues of the desk: which conversations each shows, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpdesk.accounts.models import User
from inbox.models import Conversation, Status
from inbox.models.conversation import LIVE, ConversationQuerySet


class UnknownQueue(Exception):
    """No queue has that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One entry of the navigation: a name, an icon, and a filter."""

    slug: str
    label: str | Promise
    icon: str
    condition: Callable[[User], Q]
    shows_count: bool = True
    key: str = ""


ACTIVE = Q(status__lt=Status.CLOSED)
# One comparison of the status is enough, and two would mislead the planner: it takes
# them for independent and expects next to nothing.
NOT_ASIDE = Q(status=Status.OPEN)

QUEUES: dict[str, Queue] = {
    queue.slug: queue
    for queue in (
        Queue(
            slug="mine",
            label=_("My inbox"),
            icon="inbox",
            condition=lambda agent: NOT_ASIDE & Q(assignee=agent),
            key="g i",
        ),
        Queue(
            slug="unassigned",
            label=_("Unassigned"),
            icon="circle-dot",
            condition=lambda agent: NOT_ASIDE & Q(assignee=None),
            key="g u",
        ),
        Queue(
            slug="chats",
            label=_("Live chats"),
            icon="channel-webchat",
            condition=lambda agent: LIVE,
            key="g l",
        ),
        Queue(
            slug="mentions",
            label=_("Mentions"),
            icon="at-sign",
            condition=lambda agent: Q(
                pk__in=agent.mentions.filter(seen_at=None).values("conversation_id")
            ),
            key="g m",
        ),
        Queue(
            slug="waiting",
            label=_("Waiting on customer"),
            icon="hourglass",
            condition=lambda agent: Q(status=Status.WAITING),
            key="g w",
        ),
        Queue(
            slug="snoozed",
            label=pgettext_lazy("queue", "Snoozed"),
            icon="clock",
            condition=lambda agent: Q(status=Status.SNOOZED),
            key="g s",
        ),
        Queue(
            slug="all",
            label=_("All open"),
            icon="list",
            condition=lambda agent: ACTIVE,
        ),
        Queue(
            slug="closed",
            label=pgettext_lazy("queue", "Closed"),
            icon="check",
            condition=lambda agent: Q(status=Status.CLOSED),
            shows_count=False,
        ),
        Queue(
            slug="spam",
            label=_("Spam"),
            icon="shield-alert",
            condition=lambda agent: Q(status=Status.SPAM),
            shows_count=False,
        ),
    )
}
TEAM_PREFIX = "team-"


def queue_condition(slug: str, *, agent: User) -> Q:
    """Return the filter of the queue `slug`; `team-7` is the queue of team 7.

    :raises UnknownQueue: if there is none of that name
    """
    if slug in QUEUES:
        return QUEUES[slug].condition(agent)
    if slug.startswith(TEAM_PREFIX) and slug[len(TEAM_PREFIX) :].isdecimal():
        return NOT_ASIDE & Q(team_id=int(slug[len(TEAM_PREFIX) :]))
    raise UnknownQueue(slug)


def conversations_in(slug: str, *, agent: User) -> ConversationQuerySet:
    """Return what `agent` sees in a queue, in no order yet.

    :raises UnknownQueue: if there is none of that name
    """
    visible = Conversation.objects.visible_to(agent)
    return visible.filter(queue_condition(slug, agent=agent))


def is_due_soon(*, due_at: datetime | None, now: datetime) -> bool:
    """Whether a due time is over or less than half an hour away."""
    return due_at is not None and (due_at - now).total_seconds() < 1800
