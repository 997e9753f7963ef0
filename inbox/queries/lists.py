"""One page of a queue, in a fixed number of statements whatever its size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from helpdesk.accounts.models import User
from helpdesk.core.prepared import Prepared
from inbox.filters import ListFilter, Sort
from inbox.models import Channel, Conversation, Tag
from inbox.models.conversation import ConversationQuerySet
from inbox.onlooker import Onlooker
from inbox.queries.company import Company, company_of
from inbox.queries.cursors import Cursor
from inbox.queues import conversations_in

PAGE = 50
_SORT_COLUMN = {
    Sort.NEWEST: "last_activity_at",
    Sort.WAITING: "waiting_since",
    Sort.DUE: "due_at",
}


_COLUMNS = (
    *("pk", "customer_id", "channel_id", "subject", "priority", "assignee_id"),
    *("tag_ids", "due_at", "snoozed_until", "waiting_since", "last_activity_at"),
    *("is_unread", "preview", "preview_agent_id", "attachment_count"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """Rows in order, what belongs to them, and where the next page begins."""

    conversations: Sequence[Any]
    """Named tuples of the columns a list shows."""
    company: Company
    next: Cursor | None


def list_page(
    *, queue: str, narrowed: ListFilter, agent: User, after: Cursor | None = None
) -> ListPage:
    """Return up to 50 conversations that `agent` sees in a queue.

    :raises UnknownQueue: if there is no such queue
    """
    # Whose they are is read afterwards: joined, it would be looked up for every
    # conversation of the queue before the first fifty are known.
    rows = (
        _first_rows(queue, narrowed, Onlooker(agent))
        if after is None
        else list(_rows(queue, narrowed, agent=agent, after=after))
    )
    shown = rows[:PAGE]
    return ListPage(
        conversations=shown,
        company=company_of(shown),
        next=_cursor_of(shown[-1], narrowed.sort) if len(rows) > PAGE else None,
    )


def _rows(
    queue: str, narrowed: ListFilter, *, agent: User, after: Cursor | None
) -> QuerySet[Conversation, Any]:
    matching = conversations_in(queue, agent=agent).filter(narrowed.condition(agent))
    ordered = _sorted(_after(matching, narrowed.sort, after), narrowed.sort)
    return ordered.values_list(*_COLUMNS, named=True)[: PAGE + 1]


@Prepared
def _first_rows(
    queue: str, narrowed: ListFilter, onlooker: Onlooker
) -> QuerySet[Conversation, Any]:
    return _rows(queue, narrowed, agent=onlooker.agent, after=None)


def _sorted(matching: ConversationQuerySet, sort: Sort) -> ConversationQuerySet:
    return {
        Sort.NEWEST: matching.newest_first,
        Sort.WAITING: matching.waiting_longest_first,
        Sort.DUE: matching.due_first,
    }[sort]()


def _after(
    matching: ConversationQuerySet, sort: Sort, after: Cursor | None
) -> ConversationQuerySet:
    if after is None:
        return matching
    column = _SORT_COLUMN[sort]
    if after.at is None:
        # Those without a time come last, in the order of their ids.
        return matching.filter(**{column: None}, pk__gt=after.pk)
    if sort == Sort.NEWEST:
        return matching.filter(last_activity_at__lte=after.at).exclude(
            Q(last_activity_at=after.at) & Q(pk__gte=after.pk)
        )
    return matching.filter(
        Q(**{f"{column}__gt": after.at})
        | Q(**{column: after.at}, pk__gt=after.pk)
        | Q(**{column: None})
    )


def _cursor_of(row: Any, sort: Sort) -> Cursor:
    return Cursor(getattr(row, _SORT_COLUMN[sort]), row.pk)


def channel_kinds(ids: Iterable[int]) -> dict[int, str]:
    """Return of which kind these channels are."""
    found = Channel.objects.filter(pk__in={*ids, 0})
    return dict(found.values_list("pk", "kind"))


def tag_names(rows: Sequence[Any]) -> dict[int, str]:
    """Return the names of all tags that these conversations carry."""
    used = {tag_id for row in rows for tag_id in row.tag_ids}
    if not used:
        return {}
    return dict(Tag.objects.filter(pk__in=used).values_list("pk", "name"))
