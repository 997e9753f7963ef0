"""Conversations and messages as a visitor reads them, in a fixed number of queries."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models import Value as Literal
from django.db.models.functions import Coalesce

from channels_ingest.providers.chat.payload import topic_key_of
from helpdesk.accounts.models import User
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.chat.queries import (
    Standing,
    conversations_of,
    onlooker,
    own_sight,
    shown_sight,
    shown_to,
    standing_of,
)
from helpdesk.core.planned import PlannedStatement
from helpdesk.core.prepared import Prepared, Value
from inbox.models import (
    Attachment,
    Conversation,
    Delivery,
    Direction,
    Kind,
    Status,
    TimelineItem,
)
from inbox.queries.timeline import files_of

PAGE: Final = 20
MESSAGES: Final = 50
MOST_MESSAGES: Final = 100
MOST_NEWS: Final = 100
_NO_END: Final = 2**31 - 1
_KEYS: Final = PlannedStatement.named(
    "SELECT conversation_id, key FROM inbox_threadreference"
    " WHERE conversation_id = ANY(%(conversations)s)"
    " AND starts_with(key, %(prefix)s) ORDER BY id",
    conversations=list,
    prefix=str,
)
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of conversations ended."""

    at: datetime
    public_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A conversation as its visitor finds it in their list."""

    conversation: Conversation
    state: ChatState
    """Not stored yet if nobody has looked at anything."""
    last: TimelineItem | None
    """The newest message that is meant for the visitor."""
    last_file: str
    unread: int
    agent: User | None
    """Who answered last, or else whose it is."""
    keys: Sequence[str]
    """What this very visitor called the topic before it had an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPage:
    chats: Sequence[Chat]
    next: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """Messages in their order; `has_more` is about the direction asked for."""

    items: Sequence[TimelineItem]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A conversation in which something is different, and where it ends."""

    public_id: uuid.UUID
    last_seq: int


def list_chats(
    visitor: Visitor, *, before: Place | None = None, limit: int = PAGE
) -> ChatPage:
    """Return a visitor's conversations, those with the newest message first."""
    rows: Any = _summed_up(visitor)
    rows = rows.filter(last_item_id__isnull=False)
    if before is not None:
        rows = rows.filter(
            Q(last_at__lt=before.at)
            | Q(last_at=before.at, public_id__lt=before.public_id)
        )
    found = list(rows.order_by("-last_at", "-public_id")[: limit + 1])
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return ChatPage(
        chats=_chats(visitor, shown),
        next=Place(at=_noted(last, "last_at"), public_id=last.public_id)
        if last
        else None,
    )


def chat_of(visitor: Visitor, public_id: uuid.UUID) -> Chat:
    """Return one of a visitor's conversations.

    :raises Conversation.DoesNotExist: if there is none, or it is none of theirs
    """
    sight = own_sight(visitor) | shown_sight(visitor)
    found = _one(standing_of(visitor), public_id=public_id, **sight)
    if not found:
        raise Conversation.DoesNotExist
    return _chats(visitor, found)[0]


@Prepared
def _one(
    standing: Standing, *, public_id: uuid.UUID, **sight: Value
) -> QuerySet[Conversation, Any]:
    return _summed_up(onlooker(standing, **sight)).filter(public_id=public_id)


def messages_of(
    visitor: Visitor,
    *,
    conversation: Conversation,
    after: int | None = None,
    before: int | None = None,
    limit: int = MESSAGES,
) -> MessagePage:
    """Return messages after a number, or the newest ones before one."""
    asks = _after if after is not None else _before
    least = -1 if after is None else after
    most = _NO_END if before is None else before
    found = asks(
        standing_of(visitor),
        limit + 1,
        conversation_id=conversation.pk,
        least=least,
        most=most,
        **shown_sight(visitor),
    )
    items = found[:limit]
    in_order = items if after is not None else items[::-1]
    _put_files_on(in_order)
    return MessagePage(items=in_order, has_more=len(found) > limit)


def newest_of(
    visitor: Visitor, public_id: uuid.UUID, *, limit: int, have_files: bool = True
) -> Sequence[TimelineItem]:
    """Return the newest messages of a conversation; none if they take no part in it.

    :param have_files: false if those that will be looked at are known to have none
    """
    sight = own_sight(visitor) | shown_sight(visitor)
    found = _newest(standing_of(visitor), limit, public_id=public_id, **sight)
    in_order = found[::-1]
    if have_files:
        _put_files_on(in_order)
    else:
        _put_on(in_order, {})
    return in_order


@Prepared
def _newest(
    standing: Standing, limit: int, *, public_id: uuid.UUID, **sight: Value
) -> QuerySet[TimelineItem]:
    visitor = onlooker(standing, **sight)
    conversations = conversations_of(visitor).filter(public_id=public_id)
    return (
        shown_to(visitor)
        .filter(conversation__in=conversations)
        .select_related("agent", "delivery")
        .order_by("-seq")[:limit]
    )


def _put_files_on(items: Sequence[TimelineItem]) -> None:
    """Do what prefetching does, with a query that need not be put together."""
    _put_on(items, files_of(items))


def _put_on(
    items: Sequence[TimelineItem], files: Mapping[int, list[Attachment]]
) -> None:
    for item in items:
        found = item.attachments.all()
        vars(found)["_result_cache"] = files.get(item.pk, [])
        vars(item)["_prefetched_objects_cache"] = {"attachments": found}


@Prepared
def _after(
    standing: Standing,
    limit: int,
    *,
    conversation_id: int,
    least: int,
    most: int,
    **sight: Value,
) -> QuerySet[TimelineItem]:
    rows = _between(standing, conversation_id, least=least, most=most, **sight)
    return rows.order_by("seq")[:limit]


@Prepared
def _before(
    standing: Standing,
    limit: int,
    *,
    conversation_id: int,
    least: int,
    most: int,
    **sight: Value,
) -> QuerySet[TimelineItem]:
    rows = _between(standing, conversation_id, least=least, most=most, **sight)
    return rows.order_by("-seq")[:limit]


def _between(
    standing: Standing, conversation_id: int, *, least: int, most: int, **sight: Value
) -> QuerySet[TimelineItem]:
    return (
        shown_to(onlooker(standing, **sight))
        .filter(conversation_id=conversation_id, seq__gt=least, seq__lt=most)
        .select_related("agent", "delivery")
    )


def news_for(visitor: Visitor, *, since: datetime | None) -> list[News]:
    """Return the conversations in which a visitor would see something new.

    Without `since` that is all of them.
    """
    shown = shown_to(visitor).filter(conversation=OuterRef("pk")).order_by("-seq")
    rows = conversations_of(visitor).annotate(last=Subquery(shown.values("seq")[:1]))
    if since is not None:
        written = shown.filter(received_at__gte=since)
        delivered = Delivery.objects.filter(
            conversation=OuterRef("pk"),
            channel_id=visitor.channel_id,
            updated_at__gte=since,
        )
        rows = rows.filter(
            Exists(written)
            | Exists(delivered)
            | Exists(_closed_or_opened(since=since))
            | Q(chat__agent_seen_at__gte=since)
        )
    found = rows.filter(last__isnull=False).order_by("-last_activity_at", "-id")
    return [
        News(public_id=public_id, last_seq=last)
        for public_id, last in found.values_list("public_id", "last")[:MOST_NEWS]
    ]


def _closed_or_opened(*, since: datetime) -> QuerySet[TimelineItem]:
    """Return what says so on a timeline; the conversation itself forgets when."""
    return TimelineItem.objects.filter(
        Q(payload__name="closed")
        | Q(payload__previous__in=(Status.CLOSED, Status.SPAM)),
        conversation=OuterRef("pk"),
        kind=Kind.EVENT,
        received_at__gte=since,
    )


def _summed_up(visitor: Visitor) -> QuerySet[Conversation, Any]:
    shown = shown_to(visitor).filter(conversation=OuterRef("pk")).order_by("-seq")
    seen = Coalesce(OuterRef("chat__visitor_seen_seq"), Literal(0))
    unread = (
        shown.filter(direction=Direction.OUTBOUND, seq__gt=seen)
        .order_by()
        .values("conversation")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return (
        conversations_of(visitor)
        .select_related("chat", "assignee")
        .annotate(
            last_item_id=Subquery(shown.values("pk")[:1]),
            last_at=Subquery(shown.values("received_at")[:1]),
            unread=Coalesce(Subquery(unread, output_field=IntegerField()), 0),
            answerer_id=Subquery(
                shown.filter(agent__isnull=False).values("agent_id")[:1]
            ),
        )
    )


def _chats(visitor: Visitor, rows: Sequence[Conversation]) -> list[Chat]:
    """Put everything else on a page of conversations; few rows stand behind many."""
    last_ids = [_noted(row, "last_item_id") for row in rows]
    items = {it.pk: it for it in _rows_of(TimelineItem, last_ids)}
    answerers = {_noted(row, "answerer_id") for row in rows}
    agents = {it.pk: it for it in _rows_of(User, answerers)}
    # A file's name stands for words only where there are none.
    files = _files(pk for pk, it in items.items() if not it.text.strip())
    keys = _keys(visitor, rows)
    return [
        Chat(
            conversation=row,
            state=_state(row),
            last=items.get(last_id),
            last_file=files.get(last_id, ""),
            unread=_noted(row, "unread"),
            agent=agents.get(_noted(row, "answerer_id")) or _assignee(row),
            keys=keys.get(row.pk, ()),
        )
        for row, last_id in zip(rows, last_ids, strict=True)
    ]


def _noted(row: Conversation, name: str) -> Any:
    """Return what the query has worked out for a row."""
    return getattr(row, name)


def _state(row: Conversation) -> ChatState:
    state: ChatState | None = getattr(row, "chat", None)
    return state or ChatState(conversation=row)


def _assignee(row: Conversation) -> User | None:
    assignee = row.assignee
    return assignee if assignee is not None and assignee.is_active else None


def _rows_of(model: type[Row], pks: Iterable[int | None]) -> list[Row]:
    """Return the rows with these ids; mostly it is one."""
    wanted = {pk for pk in pks if pk}
    if len(wanted) == 1:
        return cast("list[Row]", _row(model, pk=wanted.pop()))
    return list(QuerySet(model).filter(pk__in=wanted)) if wanted else []


@Prepared
def _row(model: type[Model], *, pk: int) -> QuerySet[Any]:
    return QuerySet[Any](model).filter(pk=pk)


def _files(item_ids: Iterable[int]) -> dict[int, str]:
    wanted = list(item_ids)
    if not wanted:
        return {}
    rows = Attachment.objects.filter(item__in=wanted, is_inline=False)
    return dict(rows.order_by("-id").values_list("item_id", "name"))


def _keys(
    visitor: Visitor, rows: Sequence[Conversation]
) -> Mapping[int, Sequence[str]]:
    """Return the visitor's own keys of these conversations, without what is ours."""
    prefix = topic_key_of(visitor_id=str(visitor.public_id), key="")
    keys: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        _KEYS.run(cursor, conversations=[row.pk for row in rows], prefix=prefix)
        for pk, key in cursor.fetchall():
            keys[pk].append(key.removeprefix(prefix))
    return keys
