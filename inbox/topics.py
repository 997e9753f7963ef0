"""The conversations that arriving messages may belong to, looked up for all at once.

What a batch changes is told to it as well, so that a message finds what one before it
in the same batch began.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Self

from customers.models import Identity
from inbox.models import Channel, Conversation, Participant, Status, ThreadReference
from inbox.models.channel import Continuity
from inbox.models.conversation import ParticipantRole

MAX_KEYS = 50
"""References looked up at most; the most telling come first."""
MAX_TOPICS = 20
"""Open topics of one customer that a message may continue, the latest first."""
MAX_TOPICS_OF_A_KEY = 20

_OPEN_TOPICS = """
SELECT topic.* FROM unnest(%s) AS customer (id) CROSS JOIN LATERAL (
    SELECT id, subject, customer_id, last_activity_at FROM inbox_conversation
    WHERE customer_id = customer.id AND channel_id = %s AND status < %s
      AND last_activity_at >= %s
    ORDER BY last_activity_at DESC, id DESC LIMIT %s
) AS topic
"""


class Topics:
    """What is known of conversations, as far as the messages at hand could need it."""

    def __init__(self) -> None:
        self._by_id: dict[int, Conversation] = {}
        self._open: dict[int, list[Conversation]] = defaultdict(list)
        self._by_key: dict[str, list[Conversation]] = defaultdict(list)
        self._parts: set[tuple[int, int]] = set()

    @classmethod
    def looked_up(
        cls,
        *,
        channel: Channel,
        customer_ids: Collection[int],
        identity_ids: Collection[int],
        keys: Collection[str],
        conversation_ids: Collection[int],
        now: datetime,
    ) -> Self:
        """Read what these customers, keys and signed ids lead to."""
        topics = cls()
        topics._read_open(channel, customer_ids, now=now)
        topics._read_keys(keys)
        if conversation_ids:
            topics._by_id |= Conversation.objects.in_bulk(list(conversation_ids))
        topics._read_parts(identity_ids)
        return topics

    def conversation(self, pk: int) -> Conversation | None:
        return self._by_id.get(pk)

    def named_by(self, key: str) -> Sequence[Conversation]:
        """Return the conversations that know the key, the earliest first."""
        return self._by_key.get(key, ())

    def open_topics_of(self, customer_id: int) -> Sequence[Conversation]:
        """Return what the customer's next message may continue, the latest first."""
        return self._open.get(customer_id, ())

    def takes_part(self, conversation: Conversation, identity: Identity) -> bool:
        return (conversation.pk, identity.pk) in self._parts

    def tell_of(self, conversation: Conversation, *, keys: Iterable[str]) -> None:
        """Take a conversation that has just become active into account."""
        self._by_id[conversation.pk] = conversation
        if conversation.status < Status.CLOSED:
            others = self._open[conversation.customer_id]
            self._open[conversation.customer_id] = [
                conversation,
                *(topic for topic in others if topic.pk != conversation.pk),
            ]
        for key in keys:
            named = self._by_key[key]
            if all(topic.pk != conversation.pk for topic in named):
                named.append(conversation)

    def tell_of_part(self, conversation: Conversation, identity: Identity) -> None:
        """Take into account that somebody has become part of a conversation."""
        self._parts.add((conversation.pk, identity.pk))

    def _read_open(
        self, channel: Channel, customer_ids: Collection[int], *, now: datetime
    ) -> None:
        if channel.continuity == Continuity.NEVER or not customer_ids:
            return
        since = now - timedelta(hours=channel.continuity_hours)
        for topic in Conversation.objects.raw(
            _OPEN_TOPICS,
            [list(customer_ids), channel.pk, Status.CLOSED, since, MAX_TOPICS],
        ):
            self._open[topic.customer_id].append(topic)

    def _read_keys(self, keys: Collection[str]) -> None:
        if not keys:
            return
        references = (
            ThreadReference.objects.filter(key__in=[key[:512] for key in keys])
            .select_related("conversation")
            .order_by("id")
        )
        for reference in references:
            named = self._by_key[reference.key]
            if len(named) < MAX_TOPICS_OF_A_KEY:
                named.append(reference.conversation)
                self._by_id[reference.conversation_id] = reference.conversation

    def _read_parts(self, identity_ids: Collection[int]) -> None:
        if not self._by_id:
            return
        self._parts.update(
            Participant.objects.filter(
                conversation__in=list(self._by_id), identity__in=list(identity_ids)
            )
            .exclude(role=ParticipantRole.STRANGER)
            .values_list("conversation_id", "identity_id")
        )
