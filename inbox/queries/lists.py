"""One page of a queue, in a fixed number of statements whatever its size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from customers.models import Customer
from helpdesk.accounts.models import User
from inbox.filters import ListFilter, Sort
from inbox.models import Channel, Delivery, DeliveryState, Tag
from inbox.models.conversation import ConversationQuerySet
from inbox.queries.cursors import Cursor
from inbox.queues import conversations_in

PAGE = 50
TROUBLE = (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNCONFIRMED)
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
    names: dict[int, str]
    """Customer to name, empty if it is not known."""
    kinds: dict[int, str]
    """Channel to kind."""
    agents: dict[int, User]
    """Who is responsible or wrote last."""
    tags: dict[int, str]
    troubled: dict[int, str]
    """Conversation to the state of a message of ours that did not arrive."""
    next: Cursor | None


def list_page(
    *, queue: str, narrowed: ListFilter, agent: User, after: Cursor | None = None
) -> ListPage:
    """Return up to 50 conversations that `agent` sees in a queue.

    :raises UnknownQueue: if there is no such queue
    """
    matching = conversations_in(queue, agent=agent).filter(narrowed.condition(agent))
    # Whose they are is read afterwards: joined, it would be looked up for every
    # conversation of the queue before the first fifty are known.
    ordered = _sorted(_after(matching, narrowed.sort, after), narrowed.sort)
    rows = list(ordered.values_list(*_COLUMNS, named=True)[: PAGE + 1])
    shown = rows[:PAGE]
    return ListPage(
        conversations=shown,
        names=_names(row.customer_id for row in shown),
        kinds=channel_kinds(row.channel_id for row in shown),
        agents=_agents(shown),
        tags=tag_names(shown),
        troubled=_troubled(shown),
        next=_cursor_of(shown[-1], narrowed.sort) if len(rows) > PAGE else None,
    )


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


def _names(ids: Iterable[int]) -> dict[int, str]:
    found = Customer.objects.filter(pk__in={*ids, 0})
    return dict(found.values_list("pk", "name"))


def channel_kinds(ids: Iterable[int]) -> dict[int, str]:
    """Return of which kind these channels are."""
    found = Channel.objects.filter(pk__in={*ids, 0})
    return dict(found.values_list("pk", "kind"))


def _agents(rows: Sequence[Any]) -> dict[int, User]:
    ids = {row.assignee_id for row in rows} | {row.preview_agent_id for row in rows}
    known = User.objects.only("pk", "name", "email")
    return known.in_bulk([pk for pk in ids if pk is not None] or [0])


def tag_names(rows: Sequence[Any]) -> dict[int, str]:
    """Return the names of all tags that these conversations carry."""
    used = {tag_id for row in rows for tag_id in row.tag_ids}
    return dict(Tag.objects.filter(pk__in=used).values_list("pk", "name"))


def _troubled(conversations: Sequence[Any]) -> dict[int, str]:
    ids = [row.pk for row in conversations] or [0]
    return dict(
        Delivery.objects.filter(conversation_id__in=ids, state__in=TROUBLE)
        .order_by("item_id")
        .values_list("conversation_id", "state")
    )
