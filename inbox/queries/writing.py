"""What the composer needs to know before anything is written."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from customers.models import IdentityKind
from helpdesk.accounts.models import User
from helpdesk.core.prepared import Prepared
from inbox.models import (
    Channel,
    Conversation,
    Direction,
    Draft,
    Kind,
    MessageDetail,
    Participant,
    TimelineItem,
    Upload,
)
from inbox.models.conversation import ParticipantRole
from inbox.recipients import Correspondence, Letter, Person, normalized


def parts_in(conversation: Conversation) -> list[Participant]:
    """Return who takes part by chat, and who is a stranger; the latest first."""
    return _parts(conversation_id=conversation.pk)


@Prepared
def _parts(*, conversation_id: int) -> QuerySet[Participant]:
    return (
        Participant.objects.filter(
            Q(role=ParticipantRole.STRANGER) | Q(identity__kind=IdentityKind.CHAT),
            conversation_id=conversation_id,
        )
        .select_related("identity")
        .order_by("-id")
    )


def correspondence_of(
    conversation: Conversation, *, parts: Sequence[Participant] | None = None
) -> Correspondence:
    """Return who has mailed whom in the conversation, as far as it matters.

    :param parts: what `parts_in` returned, if it was asked already
    """
    parts = parts_in(conversation) if parts is None else parts
    return Correspondence(
        customer=_customer(conversation),
        last_inbound=_letter(_last_inbound(conversation_id=conversation.pk)),
        last_outbound=_letter(_last_outbound(conversation_id=conversation.pk)),
        own=own_addresses(),
        strangers=_stranger_handles(parts),
    )


def own_addresses() -> frozenset[str]:
    """Return every address of ours: mail to it comes back to the desk."""
    own: set[str] = set()
    for address, aliases in Channel.objects.values_list("address", "aliases"):
        own.add(normalized(address))
        own.update(normalized(alias) for alias in aliases if isinstance(alias, str))
    return frozenset(own)


def _stranger_handles(parts: Sequence[Participant]) -> frozenset[str]:
    return frozenset(
        part.identity.value for part in parts if part.role == ParticipantRole.STRANGER
    )


def _customer(conversation: Conversation) -> Person | None:
    identity = conversation.identity
    if identity is None or identity.kind != IdentityKind.EMAIL:
        return None
    return {"name": identity.display_name, "handle": identity.value}


def _details(conversation_id: int) -> QuerySet[MessageDetail]:
    return (
        MessageDetail.objects.filter(
            item__conversation_id=conversation_id, item__kind=Kind.MESSAGE
        )
        .select_related("item__identity")
        .defer("quoted_text", "quoted_html")
        .order_by("-item__seq")
    )


@Prepared
def _last_inbound(*, conversation_id: int) -> QuerySet[MessageDetail]:
    strangers = Participant.objects.filter(
        conversation_id=conversation_id, role=ParticipantRole.STRANGER
    ).values("identity_id")
    return (
        _details(conversation_id)
        .filter(
            item__direction=Direction.INBOUND, item__identity__kind=IdentityKind.EMAIL
        )
        .exclude(item__identity__in=strangers)
        .exclude(item__payload__has_key="nature")[:1]
    )


@Prepared
def _last_outbound(*, conversation_id: int) -> QuerySet[MessageDetail]:
    return (
        _details(conversation_id)
        .filter(item__direction=Direction.OUTBOUND)
        # A key that is not there compares to nothing; what holds it can be excluded.
        .exclude(item__payload__contains={"mode": "forward"})
        .exclude(item__payload__contains={"automatic": True})
        .exclude(item__channel__capabilities__contains={"is_fetched": True})[:1]
    )


def _letter(found: Sequence[MessageDetail]) -> Letter | None:
    if not found:
        return None
    detail = found[0]
    return Letter(
        sender=_sender(detail),
        to=detail.to,
        cc=detail.cc,
        bcc=detail.bcc,
        reply_to=detail.reply_to,
        subject=detail.item.subject,
    )


def _sender(detail: MessageDetail) -> Person | None:
    identity = detail.item.identity
    if identity is None:
        return None
    return {"name": identity.display_name, "handle": identity.value}


def draft_of(conversation: Conversation, *, agent: User) -> Draft | None:
    found = _draft(conversation_id=conversation.pk, agent_id=agent.pk)
    return found[0] if found else None


@Prepared
def _draft(*, conversation_id: int, agent_id: int) -> QuerySet[Draft]:
    return Draft.objects.filter(conversation_id=conversation_id, agent_id=agent_id)


def uploads_of(conversation: Conversation, *, agent: User) -> list[Upload]:
    """Return the files that the agent has put into their draft here."""
    return _uploads(conversation_id=conversation.pk, agent_id=agent.pk)


@Prepared
def _uploads(*, conversation_id: int, agent_id: int) -> QuerySet[Upload]:
    return Upload.objects.filter(
        conversation_id=conversation_id, agent_id=agent_id
    ).order_by("id")


def newest_message(conversation: Conversation) -> TimelineItem | None:
    found = _newest(conversation_id=conversation.pk)
    return found[0] if found else None


@Prepared
def _newest(*, conversation_id: int) -> QuerySet[TimelineItem]:
    return (
        TimelineItem.objects.filter(conversation_id=conversation_id, kind=Kind.MESSAGE)
        .select_related("detail", "identity")
        .order_by("-seq")[:1]
    )


def changes_since(conversation: Conversation, *, seq: int) -> list[TimelineItem]:
    """Return the messages that came after number `seq`, the oldest first."""
    return list(
        TimelineItem.objects.filter(
            conversation=conversation, kind=Kind.MESSAGE, seq__gt=seq
        )
        .select_related("agent", "identity__customer")
        .order_by("seq")[:20]
    )
