"""The conversations that arriving messages may belong to, looked up for all at once.

What a batch changes is told to it as well, so that a message finds what one before it
in the same batch began.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from django.db import connection
from django.db.models import QuerySet

from customers.models import Identity
from helpdesk.core.prepared import Prepared
from inbox.models import Channel, Conversation, Participant, Status, ThreadReference
from inbox.models.channel import Continuity
from inbox.models.conversation import ParticipantRole

MAX_KEYS = 50
"""References looked up at most; the most telling come first."""
MAX_TOPICS = 20
"""Open topics of one customer that a message may continue, the latest first."""
MAX_TOPICS_OF_A_KEY = 20

_OPEN_TOPICS = """
SELECT topic.id, topic.customer_id, topic.subject
FROM unnest(%s) AS customer (id) CROSS JOIN LATERAL (
    SELECT id, subject, customer_id FROM inbox_conversation
    WHERE customer_id = customer.id AND channel_id = %s AND status < %s
      AND last_activity_at >= %s
    ORDER BY last_activity_at DESC, id DESC LIMIT %s
) AS topic
"""


def joins_open_topics(channel: Channel) -> bool:
    """Whether a message that refers to none may continue the customer's open topic.

    A chat says itself which topic it belongs to, or that it begins a new one.
    """
    return channel.continuity != Continuity.NEVER and not channel.is_fetched


class Topic(NamedTuple):
    """A conversation, as far as it decides what belongs to it."""

    pk: int
    customer_id: int
    subject: str


class Topics:
    """What is known of conversations, as far as the messages at hand could need it."""

    def __init__(self) -> None:
        self._by_id: dict[int, Topic] = {}
        self._open: dict[int, list[Topic]] = defaultdict(list)
        self._by_key: dict[str, list[Topic]] = defaultdict(list)
        self._parts: set[tuple[int, int]] = set()
        self._identity_ids: Collection[int] = ()
        self._asked: set[int] = set()
        """Conversations that it is known of who takes part in them."""

    @classmethod
    def looked_up(
        cls,
        *,
        channel: Channel,
        customer_ids: Collection[int],
        identity_ids: Collection[int],
        keys: Collection[tuple[int | None, Sequence[str]]],
        now: datetime,
    ) -> Self:
        """Read what these customers, keys and signed ids lead to.

        :param keys: of each message the conversation that it has a signed id of, and
            the keys that count where there is no such conversation
        """
        topics = cls()
        topics._identity_ids = identity_ids
        topics._read_open(channel, customer_ids, now=now)
        topics._read_signed({pk for pk, _ in keys if pk is not None})
        topics._read_keys(
            {key for pk, some in keys if pk not in topics._by_id for key in some}
        )
        return topics

    def conversation(self, pk: int) -> Topic | None:
        return self._by_id.get(pk)

    def named_by(self, key: str) -> Sequence[Topic]:
        """Return the conversations that know the key, the earliest first."""
        return self._by_key.get(key, ())

    def open_topics_of(self, customer_id: int) -> Sequence[Topic]:
        """Return what the customer's next message may continue, the latest first."""
        return self._open.get(customer_id, ())

    def takes_part(self, topic: Topic, identity: Identity) -> bool:
        """Whether they do; asked only of who writes where they are no customer."""
        if topic.pk not in self._asked:
            self._read_parts()
        return (topic.pk, identity.pk) in self._parts

    def tell_of(self, conversation: Conversation, *, keys: Iterable[str]) -> None:
        """Take a conversation that has just become active into account."""
        told = Topic(conversation.pk, conversation.customer_id, conversation.subject)
        self._by_id[told.pk] = told
        if conversation.status < Status.CLOSED:
            others = self._open[conversation.customer_id]
            self._open[conversation.customer_id] = [
                told,
                *(topic for topic in others if topic.pk != told.pk),
            ]
        for key in keys:
            named = self._by_key[key]
            if all(topic.pk != told.pk for topic in named):
                named.append(told)

    def tell_of_part(self, conversation: Conversation, identity: Identity) -> None:
        """Take into account that somebody has become part of a conversation."""
        self._parts.add((conversation.pk, identity.pk))

    def _read_open(
        self, channel: Channel, customer_ids: Collection[int], *, now: datetime
    ) -> None:
        if not joins_open_topics(channel) or not customer_ids:
            return
        since = now - timedelta(hours=channel.continuity_hours)
        values: list[Any] = [list(customer_ids), channel.pk]
        values += [Status.CLOSED, since, MAX_TOPICS]
        with connection.cursor() as cursor:
            cursor.execute(_OPEN_TOPICS, values)
            for row in cursor.fetchall():
                topic = Topic(*row)
                self._open[topic.customer_id].append(topic)

    def _read_signed(self, conversation_ids: Collection[int]) -> None:
        if not conversation_ids:
            return
        if len(conversation_ids) == 1:
            found = _signed(pk=next(iter(conversation_ids)))
        else:
            found = list(_topics().filter(pk__in=conversation_ids))
        for row in found:
            self._by_id[row[0]] = Topic(*row)

    def _read_keys(self, keys: Collection[str]) -> None:
        if not keys:
            return
        references = (
            ThreadReference.objects.filter(key__in=[key[:512] for key in keys])
            .order_by("id")
            .values_list(
                "key",
                "conversation_id",
                "conversation__customer_id",
                "conversation__subject",
            )
        )
        for key, pk, customer_id, subject in references:
            named = self._by_key[key]
            if len(named) < MAX_TOPICS_OF_A_KEY:
                topic = Topic(pk, customer_id, subject)
                named.append(topic)
                self._by_id[topic.pk] = topic

    def _read_parts(self) -> None:
        self._parts.update(
            Participant.objects.filter(
                conversation__in=list(self._by_id),
                identity__in=list(self._identity_ids),
            )
            .exclude(role=ParticipantRole.STRANGER)
            .values_list("conversation_id", "identity_id")
        )
        self._asked.update(self._by_id)


def _topics() -> QuerySet[Conversation, tuple[int, int, str]]:
    return Conversation.objects.values_list("pk", "customer_id", "subject")


@Prepared
def _signed(*, pk: int) -> QuerySet[Conversation, tuple[int, int, str]]:
    return _topics().filter(pk=pk)
