"""How many conversations wait in each queue, all counted by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count

from helpdesk.accounts.models import User
from helpdesk.core.planned import PlannedStatement, Slot
from inbox.filters import ListFilter
from inbox.models import Conversation
from inbox.models.conversation import ConversationQuerySet
from inbox.onlooker import Onlooker
from inbox.queues import UnknownQueue, queue_condition

CAP = 100
"""Counting stops here: nobody reads more than "99+"."""


@dataclass(frozen=True, slots=True)
class QueueCount:
    number: int
    is_late: bool = False
    """Something in it should have been answered by now."""

    def __str__(self) -> str:
        if not self.number:
            return ""
        return f"{CAP - 1}+" if self.number >= CAP else str(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCounts:
    """What the navigation says, all of it from one statement."""

    queues: Sequence[QueueCount]
    has_widget: bool
    """Whether a chat stands on a website, so that somebody may be there."""


Asked = tuple[tuple[str, ListFilter], ...]


def queue_counts(
    *, queues: Sequence[tuple[str, ListFilter]], agent: User, now: datetime
) -> DeskCounts:
    """Count each queue up to 100, and say whether something in it is late."""
    statement = _statement(tuple(queues), Onlooker(agent))
    with connection.cursor() as cursor:
        cursor.execute(*statement.call({"now": now}))
        has_widget, *row = cursor.fetchone()
    found = [
        QueueCount(number, is_late=bool(late))
        for number, late in zip(row[::2], row[1::2], strict=True)
    ]
    return DeskCounts(queues=found, has_widget=has_widget)


_NOW = datetime.max.replace(tzinfo=UTC)
"""Stands in a remembered statement for the moment it is asked."""


_HAS_WIDGET = "EXISTS (SELECT FROM inbox_channel WHERE kind = 'webchat' AND is_active)"


@lru_cache(maxsize=1000)
def _statement(queues: Asked, onlooker: Onlooker) -> PlannedStatement:
    # Putting it together takes longer than running it, and so does planning it.
    agent = onlooker.agent
    visible = Conversation.objects.visible_to(agent).order_by()
    selects = [_HAS_WIDGET]
    values: list[Any] = []
    for slug, narrowed in queues:
        sql, parameters = _count(visible, slug, narrowed, agent=agent)
        selects.append(sql)
        values.extend(parameters)
    slot = Slot("now", datetime)
    return PlannedStatement(
        f"SELECT {', '.join(selects)}", [slot if it is _NOW else it for it in values]
    )


def _count(
    visible: ConversationQuerySet, slug: str, narrowed: ListFilter, *, agent: User
) -> tuple[str, list[Any]]:
    try:
        in_queue = queue_condition(slug, agent=agent)
    except UnknownQueue:
        return "0, false", []
    matching = visible.filter(in_queue & narrowed.condition(agent))
    if matching.query.is_empty():
        return "0, false", []
    some, of_some = matching.values("pk")[:CAP].query.sql_with_params()
    late, of_late = (
        matching.filter(due_at__lte=_NOW).values("pk")[:1].query.sql_with_params()
    )
    sql = f"(SELECT count(*) FROM ({some}) counted), EXISTS ({late})"  # noqa: S608
    return sql, [*of_some, *of_late]


def open_counts(agent_ids: Sequence[int]) -> dict[int, int]:
    """Return how many open conversations each of these agents has."""
    rows = (
        Conversation.objects.active()
        .open()
        .filter(assignee_id__in=agent_ids)
        .order_by()
        .values_list("assignee_id")
        .annotate(Count("pk"))
    )
    return {agent_id: number for agent_id, number in rows if agent_id is not None}
