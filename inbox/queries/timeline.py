"""What happened in a conversation, and in the customer's earlier ones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from customers.models import Identity
from helpdesk.accounts.models import User
from helpdesk.core.prepared import Prepared
from inbox.models import (
    Attachment,
    Channel,
    Conversation,
    Participant,
    TimelineItem,
)
from inbox.models.conversation import ParticipantRole
from inbox.queries.cursors import Cursor

M = TypeVar("M", bound=Model)
PAGE = 50
LAST = 2**31 - 1
"""The largest number of an item there can be."""
LONGEST_REFRESH = 500
"""Items an open timeline may ask for again at once."""
TOPICS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """Items in the order they happened, with their files."""

    items: Sequence[TimelineItem]
    files: dict[int, list[Attachment]]
    has_earlier: bool


def timeline_page(
    *, conversation: Conversation, before: int | None = None
) -> TimelinePage:
    """Return the 50 items before number `before`, or the newest 50."""
    newest_first = _newest(conversation_id=conversation.pk, before=before or LAST)
    return _page(
        newest_first[:PAGE][::-1],
        conversation=conversation,
        has_earlier=len(newest_first) > PAGE,
    )


@Prepared
def _newest(*, conversation_id: int, before: int) -> QuerySet[TimelineItem]:
    rows = _items(conversation_id).filter(seq__lt=before)
    return rows.order_by("-seq")[: PAGE + 1]


def timeline_since(*, conversation: Conversation, first: int) -> TimelinePage:
    """Return the items from number `first` on: what an open timeline shows."""
    rows = _items(conversation.pk).filter(seq__gte=first)
    newest_first = list(rows.order_by("-seq")[:LONGEST_REFRESH])
    return _page(newest_first[::-1], conversation=conversation)


def shown_item(item: TimelineItem) -> TimelinePage:
    """Return one item as a page, to draw it again."""
    rows = _items(item.conversation_id).filter(pk=item.pk)
    return _page(list(rows), conversation=item.conversation)


def _items(conversation_id: int) -> QuerySet[TimelineItem]:
    return (
        TimelineItem.objects.filter(conversation_id=conversation_id)
        .select_related("delivery", "detail")
        .defer("detail__quoted_text", "detail__quoted_html", "detail__signature")
    )


def _page(
    items: Sequence[TimelineItem],
    *,
    conversation: Conversation,
    has_earlier: bool = False,
) -> TimelinePage:
    _introduce(items, conversation=conversation)
    return TimelinePage(items=items, files=files_of(items), has_earlier=has_earlier)


def _introduce(items: Sequence[TimelineItem], *, conversation: Conversation) -> None:
    """Put people and channels on the items: few of them stand behind many items.

    Joined, the statement would take longer to plan than to run; and those of the
    conversation itself are known already.
    """
    agents: dict[int, User] = {}
    identities = _known(conversation.identity)
    channels = _known(conversation.channel)
    for identity in identities.values():
        if identity.customer_id == conversation.customer_id:
            identity.customer = conversation.customer
    wanted = {conversation.assignee_id, *(it.agent_id for it in items)}
    _learn(agents, _AGENTS, wanted)
    conversation.assignee = agents.get(conversation.assignee_id or 0)
    _learn(identities, _IDENTITIES, {it.identity_id for it in items})
    _learn(channels, _CHANNELS, {it.channel_id for it in items})
    for item in items:
        item.agent = agents.get(item.agent_id or 0)
        item.identity = identities.get(item.identity_id or 0)
        item.channel = channels.get(item.channel_id or 0)


def _known(row: M | None) -> dict[int, M]:
    return {row.pk: row} if row is not None else {}


class _Rows(Generic[M]):
    """Rows of one model by their ids: asked in a prepared query if it is only one."""

    def __init__(self, rows: QuerySet[M]) -> None:
        self._rows = rows
        self._one = Prepared(lambda *, pk: rows.filter(pk=pk))

    def of(self, ids: Sequence[int]) -> dict[int, M]:
        if len(ids) == 1:
            return {row.pk: row for row in self._one(pk=ids[0])}
        return self._rows.in_bulk(ids)


_AGENTS = _Rows(User.objects.all())
_IDENTITIES = _Rows(Identity.objects.select_related("customer"))
_CHANNELS = _Rows(Channel.objects.select_related("brand").defer("config"))


def _learn(known: dict[int, M], rows: _Rows[M], ids: set[int | None]) -> None:
    missing = [pk for pk in ids if pk and pk not in known]
    if missing:
        known.update(rows.of(missing))


def files_of(items: Sequence[TimelineItem]) -> dict[int, list[Attachment]]:
    """Return the files of successive items of one conversation."""
    files: dict[int, list[Attachment]] = defaultdict(list)
    if not items:
        return files
    first, last = items[0], items[-1]
    for attachment in _files_between(
        conversation_id=first.conversation_id, first=first.seq, last=last.seq
    ):
        files[attachment.item_id].append(attachment)
    return files


@Prepared
def _files_between(
    *, conversation_id: int, first: int, last: int
) -> QuerySet[Attachment]:
    return Attachment.objects.filter(
        item__conversation_id=conversation_id,
        item__seq__gte=first,
        item__seq__lte=last,
    ).order_by("id")


def stranger_identity_ids(conversation: Conversation) -> frozenset[int]:
    """Return who wrote into the conversation without having been let in."""
    return frozenset(_strangers(conversation_id=conversation.pk))


@Prepared
def _strangers(*, conversation_id: int) -> QuerySet[Participant, int]:
    return Participant.objects.filter(
        conversation_id=conversation_id, role=ParticipantRole.STRANGER
    ).values_list("identity_id", flat=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPage:
    """Topics of one customer, the oldest first, and where the ones before begin."""

    topics: Sequence[Conversation]
    next: Cursor | None


def earlier_topics(
    *, conversation: Conversation, agent: User, before: Cursor | None = None
) -> TopicPage:
    """Return the customer's topics that began before this one, as far as visible."""
    place = before or Cursor(conversation.created_at, conversation.pk)
    topics = customer_topics(
        customer_id=conversation.customer_id, agent=agent, before=place, limit=TOPICS
    )
    return TopicPage(topics=topics.topics[::-1], next=topics.next)


def customer_topics(
    *, customer_id: int, agent: User, before: Cursor | None = None, limit: int = PAGE
) -> TopicPage:
    """Return a customer's visible topics, the newest first."""
    rows = Conversation.objects.visible_to(agent).filter(customer_id=customer_id)
    if before is not None:
        rows = rows.filter(
            Q(created_at__lt=before.at) | Q(created_at=before.at, pk__lt=before.pk)
        )
    found = list(
        rows.select_related("customer", "channel", "assignee", "closed_by").order_by(
            "-created_at", "-id"
        )[: limit + 1]
    )
    shown, last = found[:limit], found[limit - 1 : limit]
    more = len(found) > limit
    return TopicPage(
        topics=shown,
        next=Cursor(last[0].created_at, last[0].pk) if more else None,
    )


def channels_of(topics: Sequence[Conversation]) -> dict[int, list[str]]:
    """Return the names of the channels each topic went over."""
    names: dict[int, list[str]] = defaultdict(list)
    rows = (
        TimelineItem.objects.filter(
            conversation_id__in=[topic.pk for topic in topics] or [0],
            channel__isnull=False,
        )
        .order_by("conversation_id", "channel__name")
        .values_list("conversation_id", "channel__name")
        .distinct()
    )
    for conversation_id, name in rows:
        names[conversation_id].append(name)
    return names


def neighbor_topics(
    *, conversation: Conversation, agent: User
) -> tuple[Conversation | None, Conversation | None]:
    """Return the customer's previous and next topic."""
    same = Conversation.objects.visible_to(agent).filter(
        customer_id=conversation.customer_id
    )
    at, pk = conversation.created_at, conversation.pk
    earlier = same.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    later = same.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk))
    return (
        earlier.order_by("-created_at", "-id").first(),
        later.order_by("created_at", "id").first(),
    )
