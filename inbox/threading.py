"""Which conversation a message belongs to, and why.

Authority comes only from what cannot be made up: a signed id of ours. An id of
somebody else's joins a topic only for those who already take part in it, and the
continuity rule only for the customer whose topic it is. A number in a subject never
does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from customers.models import Identity
from inbox.contract import InboundMessage, Verdict
from inbox.models import Channel
from inbox.models.channel import Continuity
from inbox.topics import MAX_KEYS, Topic, Topics, joins_open_topics

_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|sv|vs|antw|fwd?|wg|tr|rv|res|enc|odp|ynt|回复|答复|转发|返信|答覆)"
    r"\s*(?:\[\d{1,3}\])?\s*[:\uff1a]\s*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a message goes: to a topic, or None for a new one."""

    topic: Topic | None
    why: str
    """`signed`, `reference`, `continuity` or `new`."""
    is_stranger: bool = False


NEW = Placement(topic=None, why="new")


def place_message(
    *,
    channel: Channel,
    identity: Identity,
    inbound: InboundMessage,
    now: datetime,
    topics: Topics | None = None,
) -> Placement:
    """Find the conversation of `inbound` from `identity`; reads only.

    :param topics: what was looked up for several messages together
    """
    if topics is None:
        topics = topics_of(channel=channel, arrivals=[(identity, inbound)], now=now)
    return (
        _by_signed_id(identity=identity, inbound=inbound, topics=topics)
        or _by_reference(identity=identity, inbound=inbound, topics=topics)
        or _by_continuity(
            channel=channel, identity=identity, inbound=inbound, topics=topics
        )
        or NEW
    )


def topics_of(
    *,
    channel: Channel,
    arrivals: Sequence[tuple[Identity, InboundMessage]],
    now: datetime,
) -> Topics:
    """Look up everything that decides where these messages go."""
    return Topics.looked_up(
        channel=channel,
        customer_ids={identity.customer_id for identity, _ in arrivals},
        identity_ids={identity.pk for identity, _ in arrivals},
        keys=[
            (one.proven_conversation_id, one.thread_keys[:MAX_KEYS])
            for _, one in arrivals
        ],
        now=now,
    )


def topics_continued(
    *,
    channel: Channel,
    arrivals: Sequence[tuple[Identity, InboundMessage]],
    now: datetime,
    topics: Topics,
) -> set[int]:
    """Return the conversations that these messages go to, if none changes another's."""
    placements = (
        place_message(
            channel=channel, identity=identity, inbound=one, now=now, topics=topics
        )
        for identity, one in arrivals
    )
    return {each.topic.pk for each in placements if each.topic is not None}


def bare_subject(subject: str) -> str:
    """Return a subject without reply and forward marks, for comparing."""
    return without_marks(subject).casefold()


def without_marks(subject: str) -> str:
    """Return a subject without `Re:`, `Fwd:` and their like in many languages."""
    return " ".join(_PREFIX.sub("", subject[:998]).split())


def _by_signed_id(
    *, identity: Identity, inbound: InboundMessage, topics: Topics
) -> Placement | None:
    if inbound.proven_conversation_id is None:
        return None
    topic = topics.conversation(inbound.proven_conversation_id)
    if topic is None:
        return None
    return Placement(
        topic=topic,
        why="signed",
        is_stranger=_is_stranger(
            topic, identity=identity, inbound=inbound, topics=topics
        ),
    )


def _by_reference(
    *, identity: Identity, inbound: InboundMessage, topics: Topics
) -> Placement | None:
    # Anybody can put any id into their own mail, so one key may name several topics:
    # only those the sender takes part in count.
    for key in inbound.thread_keys[:MAX_KEYS]:
        for topic in topics.named_by(key):
            if not _is_stranger(
                topic, identity=identity, inbound=inbound, topics=topics
            ):
                return Placement(topic=topic, why="reference")
    return None


def _is_stranger(
    topic: Topic,
    *,
    identity: Identity,
    inbound: InboundMessage,
    topics: Topics,
) -> bool:
    """Whether the sender has no part in the conversation, or only claims to have."""
    if inbound.authentication.verdict == Verdict.FAIL:
        return True
    if topic.customer_id == identity.customer_id:
        return False
    return not topics.takes_part(topic, identity)


def _by_continuity(
    *,
    channel: Channel,
    identity: Identity,
    inbound: InboundMessage,
    topics: Topics,
) -> Placement | None:
    if not joins_open_topics(channel):
        return None
    if inbound.authentication.verdict == Verdict.FAIL:
        return None
    wanted = bare_subject(inbound.subject)
    for topic in topics.open_topics_of(identity.customer_id):
        if channel.continuity == Continuity.ALWAYS or (
            wanted and bare_subject(topic.subject) == wanted
        ):
            return Placement(topic=topic, why="continuity")
    return None
