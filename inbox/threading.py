"""Which conversation a message belongs to, and why.

Authority comes only from what cannot be made up: a signed id of ours. An id of
somebody else's joins a topic only for those who already take part in it, and the
continuity rule only for the customer whose topic it is. A number in a subject never
does.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers.models import Identity
from inbox.contract import InboundMessage, Verdict
from inbox.models import Channel, Conversation, Participant, Status, ThreadReference
from inbox.models.channel import Continuity
from inbox.models.conversation import ParticipantRole

MAX_KEYS = 50
"""References looked up at most; the most telling come first."""

_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|sv|vs|antw|fwd?|wg|tr|rv|res|enc|odp|ynt|回复|答复|转发|返信|答覆)"
    r"\s*(?:\[\d{1,3}\])?\s*[:\uff1a]\s*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a message goes: a conversation, or None for a new one."""

    conversation: Conversation | None
    why: str
    """`signed`, `reference`, `continuity` or `new`."""
    is_stranger: bool = False


NEW = Placement(conversation=None, why="new")


def place_message(
    *, channel: Channel, identity: Identity, inbound: InboundMessage, now: datetime
) -> Placement:
    """Find the conversation of `inbound` from `identity`; reads only."""
    return (
        _by_signed_id(identity=identity, inbound=inbound)
        or _by_reference(identity=identity, inbound=inbound)
        or _by_continuity(channel=channel, identity=identity, inbound=inbound, now=now)
        or NEW
    )


def bare_subject(subject: str) -> str:
    """Return a subject without reply and forward marks, for comparing."""
    return " ".join(_PREFIX.sub("", subject[:998]).split()).casefold()


def _by_signed_id(*, identity: Identity, inbound: InboundMessage) -> Placement | None:
    if inbound.proven_conversation_id is None:
        return None
    conversation = Conversation.objects.filter(
        pk=inbound.proven_conversation_id
    ).first()
    if conversation is None:
        return None
    return Placement(
        conversation=conversation,
        why="signed",
        is_stranger=is_stranger_to(conversation, identity=identity, inbound=inbound),
    )


def _by_reference(*, identity: Identity, inbound: InboundMessage) -> Placement | None:
    keys = inbound.thread_keys[:MAX_KEYS]
    if not keys:
        return None
    references = sorted(
        ThreadReference.objects.filter(key__in=keys)
        .select_related("conversation")
        .order_by("id"),
        key=lambda reference: keys.index(reference.key),
    )
    # Anybody can put any id into their own mail, so one key may name several topics:
    # only those the sender takes part in count.
    for reference in references:
        topic = reference.conversation
        if not is_stranger_to(topic, identity=identity, inbound=inbound):
            return Placement(conversation=topic, why="reference")
    return None


def is_stranger_to(
    conversation: Conversation, *, identity: Identity, inbound: InboundMessage
) -> bool:
    """Whether the sender has no part in the conversation, or only claims to have."""
    if inbound.authentication.verdict == Verdict.FAIL:
        return True
    if conversation.customer_id == identity.customer_id:
        return False
    return (
        not Participant.objects.filter(conversation=conversation, identity=identity)
        .exclude(role=ParticipantRole.STRANGER)
        .exists()
    )


def _by_continuity(
    *, channel: Channel, identity: Identity, inbound: InboundMessage, now: datetime
) -> Placement | None:
    if channel.continuity == Continuity.NEVER:
        return None
    if inbound.authentication.verdict == Verdict.FAIL:
        return None
    since = now - timedelta(hours=channel.continuity_hours)
    topics = (
        Conversation.objects.filter(
            customer_id=identity.customer_id,
            channel=channel,
            status__lt=Status.CLOSED,
            last_activity_at__gte=since,
        )
        .order_by("-last_activity_at", "-id")
        .only("id", "subject", "customer_id")[:20]
    )
    wanted = bare_subject(inbound.subject)
    for topic in topics:
        if channel.continuity == Continuity.ALWAYS or (
            wanted and bare_subject(topic.subject) == wanted
        ):
            return Placement(conversation=topic, why="continuity")
    return None
