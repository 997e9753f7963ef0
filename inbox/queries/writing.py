"""What the composer needs to know before anything is written."""

from django.db.models import Q, QuerySet

from helpdesk.accounts.models import User
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


def correspondence_of(conversation: Conversation) -> Correspondence:
    """Return who has written to whom in the conversation, as far as it matters."""
    strangers = _stranger_handles(conversation)
    return Correspondence(
        customer=_customer(conversation),
        last_inbound=_letter(_last_inbound(conversation)),
        last_outbound=_letter(_last_outbound(conversation)),
        own=own_addresses(),
        strangers=strangers,
    )


def own_addresses() -> frozenset[str]:
    """Return every address of ours: mail to it comes back to the desk."""
    own: set[str] = set()
    for address, aliases in Channel.objects.values_list("address", "aliases"):
        own.add(normalized(address))
        own.update(normalized(alias) for alias in aliases if isinstance(alias, str))
    return frozenset(own)


def _stranger_handles(conversation: Conversation) -> frozenset[str]:
    return frozenset(
        Participant.objects.filter(
            conversation=conversation, role=ParticipantRole.STRANGER
        ).values_list("identity__value", flat=True)
    )


def _customer(conversation: Conversation) -> Person | None:
    identity = conversation.identity
    if identity is None:
        return None
    return {"name": identity.display_name, "handle": identity.value}


def _details(conversation: Conversation) -> QuerySet[MessageDetail]:
    return (
        MessageDetail.objects.filter(
            item__conversation=conversation, item__kind=Kind.MESSAGE
        )
        .select_related("item__identity")
        .defer("quoted_text", "quoted_html")
        .order_by("-item__seq")
    )


def _last_inbound(conversation: Conversation) -> MessageDetail | None:
    strangers = Participant.objects.filter(
        conversation=conversation, role=ParticipantRole.STRANGER
    ).values("identity_id")
    return (
        _details(conversation)
        .filter(item__direction=Direction.INBOUND)
        .exclude(item__identity__in=strangers)
        .exclude(item__payload__has_key="nature")
        .first()
    )


def _last_outbound(conversation: Conversation) -> MessageDetail | None:
    return (
        _details(conversation)
        .filter(item__direction=Direction.OUTBOUND)
        .exclude(Q(item__payload__mode="forward") | Q(item__payload__automatic=True))
        .first()
    )


def _letter(detail: MessageDetail | None) -> Letter | None:
    if detail is None:
        return None
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
    return Draft.objects.filter(conversation=conversation, agent=agent).first()


def uploads_of(conversation: Conversation, *, agent: User) -> list[Upload]:
    """Return the files that the agent has put into their draft here."""
    return list(
        Upload.objects.filter(conversation=conversation, agent=agent).order_by("id")
    )


def newest_message(conversation: Conversation) -> TimelineItem | None:
    return (
        TimelineItem.objects.filter(conversation=conversation, kind=Kind.MESSAGE)
        .select_related("detail", "identity")
        .order_by("-seq")
        .first()
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
