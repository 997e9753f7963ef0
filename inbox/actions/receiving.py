"""What happens when a message or a receipt arrives."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from customers.actions import note_use, resolve_identity
from customers.models import Identity
from helpdesk.core.bells import SEARCH
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import emit
from inbox.actions.appending import append_item, lock_conversation
from inbox.contract import InboundMessage, Nature, Recipient, Sender, Verdict
from inbox.events import (
    ConversationStarted,
    ConversationStatusChanged,
    MessageReceived,
)
from inbox.models import (
    Attachment,
    Channel,
    Conversation,
    Direction,
    Kind,
    MessageDetail,
    Participant,
    SearchPending,
    Status,
    ThreadReference,
    TimelineItem,
)
from inbox.models.conversation import ParticipantRole
from inbox.threading import Placement, place_message

FROM_PEOPLE = (Nature.PERSON, Nature.LIST)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttachment:
    """A file whose bytes are on disk already, before any transaction begins."""

    name: str
    content_type: str
    size: int
    sha256: str
    stored_name: str
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Where a message went."""

    item: TimelineItem
    is_new: bool
    why: str = ""


@transaction.atomic
def receive_message(
    *,
    channel: Channel,
    inbound: InboundMessage,
    attachments: tuple[StoredAttachment, ...] = (),
    journal_id: int | None = None,
    now: datetime | None = None,
) -> Received:
    """Put a customer's message on their timeline, once.

    Recognises a redelivery by `(channel, external_id)`. Resolves the sender, finds
    or opens the conversation, and announces `MessageReceived`.
    """
    now = now or timezone.now()
    earlier = TimelineItem.objects.filter(
        channel=channel, external_id=inbound.external_id
    ).first()
    if earlier is not None:
        return Received(item=earlier, is_new=False)
    identity = _recognize(inbound.sender, inbound=inbound, now=now)
    placement = place_message(
        channel=channel, identity=identity, inbound=inbound, now=now
    )
    conversation, is_first = _open_conversation(
        placement, channel=channel, identity=identity, inbound=inbound, now=now
    )
    item = append_item(
        conversation,
        kind=Kind.MESSAGE,
        direction=Direction.INBOUND,
        identity=identity,
        channel=channel,
        subject=inbound.subject,
        text=inbound.text,
        html=inbound.html,
        payload=_payload(inbound, placement=placement),
        external_id=inbound.external_id,
        occurred_at=min(inbound.sent_at, now),
        received_at=now,
    )
    _keep_details(
        item,
        inbound=inbound,
        attachments=attachments,
        journal_id=journal_id,
    )
    _remember_keys(conversation, keys=(*inbound.own_keys, *inbound.thread_keys))
    _remember_people(
        conversation, identity=identity, inbound=inbound, placement=placement
    )
    _update_conversation(
        conversation,
        item=item,
        inbound=inbound,
        placement=placement,
        files=sum(not file.is_inline for file in attachments),
        now=now,
    )
    _announce(item, inbound=inbound, is_first=is_first)
    return Received(item=item, is_new=True, why=placement.why)


def _recognize(sender: Sender, *, inbound: InboundMessage, now: datetime) -> Identity:
    identity = resolve_identity(
        kind=sender.kind,
        value=sender.handle,
        name=sender.name,
        scope=sender.scope,
        now=now,
    )
    note_use(
        identity=identity,
        now=now,
        is_authenticated=inbound.authentication.verdict == Verdict.PASS
        and inbound.claimed_sender is None,
    )
    return identity


def _open_conversation(
    placement: Placement,
    *,
    channel: Channel,
    identity: Identity,
    inbound: InboundMessage,
    now: datetime,
) -> tuple[Conversation, bool]:
    if placement.conversation is not None:
        return lock_conversation(placement.conversation.pk), False
    needs_answer = inbound.nature in FROM_PEOPLE
    conversation = Conversation.objects.create(
        customer_id=identity.customer_id,
        channel=channel,
        identity=identity,
        subject=inbound.subject,
        team_id=channel.team_id,
        status=Status.OPEN if needs_answer else Status.CLOSED,
        closed_at=None if needs_answer else now,
        created_at=now,
        last_activity_at=now,
    )
    return conversation, True


def _payload(inbound: InboundMessage, *, placement: Placement) -> dict[str, object]:
    """Return the flags a timeline needs to draw the message; absent means false."""
    nature = inbound.nature if inbound.nature != Nature.PERSON else ""
    verdict = inbound.authentication.verdict
    forwarder = inbound.claimed_sender
    flags: dict[str, object] = {
        "nature": nature,
        "stranger": placement.is_stranger,
        "verdict": verdict if verdict != Verdict.NONE else "",
        "forwarded_by": forwarder.handle if forwarder else "",
        "has_quoted": bool(inbound.quoted_text or inbound.quoted_html),
        "has_signature": bool(inbound.signature),
        "remote_images": inbound.remote_images,
        "warnings": list(inbound.warnings[:20]),
    }
    return {
        "why": placement.why,
        **{name: flag for name, flag in flags.items() if flag},
    }


def _keep_details(
    item: TimelineItem,
    *,
    inbound: InboundMessage,
    attachments: tuple[StoredAttachment, ...],
    journal_id: int | None,
) -> None:
    MessageDetail.objects.create(
        item=item,
        sender={"name": inbound.sender.name, "handle": inbound.sender.handle},
        to=_handles(inbound.recipients, role="to"),
        cc=_handles(inbound.recipients, role="cc"),
        reply_to=_handles(inbound.recipients, role="reply_to"),
        message_id=inbound.own_keys[0][:512] if inbound.own_keys else "",
        quoted_text=inbound.quoted_text,
        quoted_html=inbound.quoted_html,
        signature=inbound.signature,
        authentication=asdict(inbound.authentication),
        remote_images=inbound.remote_images,
        journal_id=journal_id,
    )
    Attachment.objects.bulk_create(
        Attachment(item=item, **asdict(stored)) for stored in attachments
    )
    SearchPending.objects.create(item=item)
    ring_after_commit(SEARCH)


def _handles(recipients: tuple[Recipient, ...], *, role: str) -> list[dict[str, str]]:
    return [
        {"name": recipient.name, "handle": recipient.handle}
        for recipient in recipients
        if recipient.role == role
    ]


def _remember_keys(conversation: Conversation, *, keys: tuple[str, ...]) -> None:
    ThreadReference.objects.bulk_create(
        (
            ThreadReference(key=key[:512], conversation=conversation)
            for key in dict.fromkeys(keys[:50])
        ),
        ignore_conflicts=True,
    )


def _remember_people(
    conversation: Conversation,
    *,
    identity: Identity,
    inbound: InboundMessage,
    placement: Placement,
) -> None:
    role = ParticipantRole.CUSTOMER
    if placement.is_stranger:
        role = ParticipantRole.STRANGER
    elif conversation.customer_id != identity.customer_id:
        role = ParticipantRole.COPIED
    Participant.objects.bulk_create(
        [Participant(conversation=conversation, identity=identity, role=role)],
        ignore_conflicts=True,
    )


def _update_conversation(
    conversation: Conversation,
    *,
    item: TimelineItem,
    inbound: InboundMessage,
    placement: Placement,
    files: int,
    now: datetime,
) -> None:
    conversation.attachment_count += files
    conversation.message_count += 1
    if inbound.nature in FROM_PEOPLE:
        _wake(conversation, now=now)
        conversation.preview = preview_of(inbound.text)
        conversation.preview_agent = None
        conversation.is_unread = True
        if not placement.is_stranger and inbound.nature == Nature.PERSON:
            _answer_goes_back(conversation, item=item)
    conversation.save()


def _wake(conversation: Conversation, *, now: datetime) -> None:
    if conversation.waiting_since is None:
        conversation.waiting_since = now
        minutes = conversation.channel.reply_within_minutes
        if minutes:
            conversation.due_at = now + timedelta(minutes=minutes)
    if conversation.status in (Status.OPEN, Status.SPAM):
        return
    previous = conversation.status
    conversation.status = Status.OPEN
    conversation.snoozed_until = None
    conversation.closed_at = None
    conversation.closed_by = None
    assignee = conversation.assignee
    if assignee is not None and not assignee.is_active:
        conversation.assignee = None
    emit(
        ConversationStatusChanged(
            conversation_id=conversation.pk,
            status=Status.OPEN,
            previous_status=previous,
            actor_id=None,
        )
    )


def _answer_goes_back(conversation: Conversation, *, item: TimelineItem) -> None:
    """Answer the customer where they last wrote; someone in copy changes nothing."""
    if item.identity is None or item.channel is None:
        return
    if item.identity.customer_id == conversation.customer_id:
        conversation.identity = item.identity
        conversation.channel = item.channel


def preview_of(text: str) -> str:
    """Return the one line a list shows of a message."""
    return " ".join(text[:1000].split())[:200]


def _announce(item: TimelineItem, *, inbound: InboundMessage, is_first: bool) -> None:
    if is_first:
        emit(ConversationStarted(conversation_id=item.conversation_id, item_id=item.pk))
    emit(
        MessageReceived(
            conversation_id=item.conversation_id,
            item_id=item.pk,
            customer_id=item.customer_id,
            is_first=is_first,
            nature=inbound.nature,
            deserves_acknowledgement=inbound.deserves_acknowledgement,
        )
    )
