"""Answers that a visitor has not seen go on by mail: together, and once only."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import override

from channels_ingest.providers.chat.settings import ContinuityByMail, chat_settings
from customers.models import Identity, IdentityKind, Proof
from helpdesk.chat.actions.mailing import append_mail
from helpdesk.chat.addresses import (
    address_to_continue_at,
    mailbox_of,
    proven_addresses,
)
from helpdesk.chat.letters import letter_of_answers
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.chat.queries import conversations_of, items_shown_to
from helpdesk.chat.way_back import front_door, way_back
from helpdesk.core.crash_points import crash_point
from helpdesk.core.limits import Limit, LimitReached, take
from inbox.actions.appending import lock_conversation
from inbox.actions.delivery import withdraw_delivery
from inbox.actions.participants import remember_readers
from inbox.models import (
    Attachment,
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Kind,
    TimelineItem,
)

logger = logging.getLogger(__name__)

CONTINUED = "continued"
CHAT_KINDS = ("webchat", "api")
TOO_OLD = timedelta(days=3)
"""What waits so much longer than it has to, for want of an address say, is left."""
TO_CLAIMED = Limit(name="continued-to", count=30, seconds=24 * 60 * 60)
"""Whoever claims a stranger's address in many chats does not fill their mailbox."""
MOST_BYTES = 10 * 1024 * 1024
"""Of the files of one mail together; many servers refuse more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What goes on now, and when the oldest was written that has to wait."""

    answers: Sequence[TimelineItem]
    next_since: datetime | None


def continue_chats(*, now: datetime) -> int:
    """Send on what has waited long enough, in every chat; return how many mails.

    Where a chat was switched off meanwhile mail is all that still reaches anybody.
    """
    count = 0
    for channel in Channel.objects.filter(kind__in=CHAT_KINDS):
        by_mail = chat_settings(channel.config).by_mail
        if by_mail.is_on:
            count += _continue_chats_of(channel, by_mail=by_mail, now=now)
    return count


def _continue_chats_of(
    channel: Channel, *, by_mail: ContinuityByMail, now: datetime
) -> int:
    due = (
        _due(by_mail, now=now)
        .filter(_perhaps_has_address(), visitor__channel=channel)
        .order_by("unseen_since")
    )
    count = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            item = continue_by_mail(conversation_id=pk, by_mail=by_mail, now=now)
        except Exception:
            # One conversation's failure must not keep the others from going on.
            logger.exception("conversation %s did not go on by mail", pk)
        else:
            count += item is not None
    return count


def _perhaps_has_address() -> Q:
    """Most visitors leave none: they need not be looked at again and again."""
    known = Identity.objects.filter(
        customer_id=OuterRef("conversation__customer_id"), kind=IdentityKind.EMAIL
    ).exclude(proof=Proof.NONE)
    return Q(Exists(known)) | ~Q(visitor__claimed_email="")


def _due(by_mail: ContinuityByMail, *, now: datetime) -> QuerySet[ChatState]:
    patience = timedelta(minutes=by_mail.minutes)
    gap = timedelta(minutes=by_mail.gap_minutes)
    return ChatState.objects.filter(
        Q(continued_at=None) | Q(continued_at__lte=now - gap),
        unseen_since__lte=now - patience,
        unseen_since__gt=now - max(patience, gap) - TOO_OLD,
    )


@transaction.atomic
def continue_by_mail(
    *, conversation_id: int, by_mail: ContinuityByMail, now: datetime
) -> TimelineItem | None:
    """Send on what the visitor has not seen, if it is still so; twice does nothing.

    Locks the conversation, then the state of its chat. What goes on, the mail and the
    note of how far it went are written together.
    """
    conversation = lock_conversation(conversation_id)
    state = _locked_state(conversation, by_mail=by_mail, now=now)
    if state is None or state.visitor is None:
        return None
    batch = _waiting(state, visitor=state.visitor, most=by_mail.most_messages)
    if not batch.answers:
        state.unseen_since = batch.next_since
        state.save(update_fields=["unseen_since"])
        return None
    item = _mail(conversation, state.visitor, batch=batch, by_mail=by_mail, now=now)
    if item is None:
        return None
    state.continued_seq = batch.answers[-1].seq
    state.continued_at = now
    state.unseen_since = batch.next_since
    state.save(update_fields=["continued_seq", "continued_at", "unseen_since"])
    crash_point("continue.written")
    transaction.on_commit(lambda: crash_point("continue.committed"))
    return item


def _locked_state(
    conversation: Conversation, *, by_mail: ContinuityByMail, now: datetime
) -> ChatState | None:
    """Return the state if it is due: another worker may have been faster."""
    return (
        _due(by_mail, now=now)
        .select_for_update(of=("self",))
        .select_related("visitor__identity", "visitor__channel__brand")
        .filter(pk=conversation.pk)
        .first()
    )


def _waiting(state: ChatState, *, visitor: Visitor, most: int) -> _Batch:
    """Return the oldest answers that were neither seen nor sent on.

    What comes after an answer that can still be taken back waits for it.
    """
    if not conversations_of(visitor).filter(pk=state.pk).exists():
        return _Batch(answers=(), next_since=None)
    after = max(state.visitor_seen_seq, state.continued_seq)
    rows = (
        items_shown_to(visitor, conversation=state.conversation)
        .filter(direction=Direction.OUTBOUND, seq__gt=after)
        .exclude(payload__has_key="automatic")
        .select_related("agent")
        .prefetch_related("attachments")
        .order_by("seq")
    )
    held = _first_held(state, channel_id=visitor.channel_id, after=after)
    if held is not None:
        rows = rows.filter(seq__lt=held.seq)
    found = list(rows[: most + 1])
    rest = found[most] if len(found) > most else held
    return _Batch(answers=found[:most], next_since=rest.received_at if rest else None)


def _first_held(
    state: ChatState, *, channel_id: int, after: int
) -> TimelineItem | None:
    """Return the oldest answer that can still be taken back: it may have to go on."""
    held = TimelineItem.objects.filter(
        conversation_id=state.pk,
        channel_id=channel_id,
        seq__gt=after,
        delivery__state=DeliveryState.HELD,
    )
    return held.order_by("seq").first()


def _mail(
    conversation: Conversation,
    visitor: Visitor,
    *,
    batch: _Batch,
    by_mail: ContinuityByMail,
    now: datetime,
) -> TimelineItem | None:
    address = address_to_continue_at(visitor, conversation=conversation)
    mailbox = mailbox_of(visitor.channel, channel_id=by_mail.channel_id)
    if address is None or mailbox is None or not _may_reach(address, visitor=visitor):
        return None
    files, left_out = _files_of(batch.answers)
    with override(visitor.locale or None):
        letter = letter_of_answers(
            batch.answers,
            channel=visitor.channel,
            left_out=left_out,
            back_to=_page_for(address, visitor=visitor, conversation=conversation),
        )
    remember_readers(conversation, handles=[address])
    return append_mail(
        conversation,
        name=CONTINUED,
        to=address,
        letter=letter,
        mailbox=mailbox,
        now=now,
        files=files,
        count=len(batch.answers),
        seqs=[it.seq for it in batch.answers],
    )


def _page_for(address: str, *, visitor: Visitor, conversation: Conversation) -> str:
    """Return where the chat is: to a claimed address without a visitor's words."""
    if not visitor.channel.is_active:
        return ""
    page = way_back(visitor, conversation=conversation)
    if _is_proven(address, visitor=visitor):
        return page
    return front_door(page, domains=chat_settings(visitor.channel.config).domains)


def _is_proven(address: str, *, visitor: Visitor) -> bool:
    return proven_addresses(visitor).filter(value=address).exists()


def _may_reach(address: str, *, visitor: Visitor) -> bool:
    """Count a mail to somebody whom nobody has proven to be the visitor."""
    if _is_proven(address, visitor=visitor):
        return True
    try:
        take(TO_CLAIMED, address)
    except LimitReached:
        logger.warning("conversation mail to one claimed address reached its limit")
        return False
    return True


def _files_of(
    answers: Sequence[TimelineItem],
) -> tuple[list[Attachment], list[str]]:
    """Return what travels with the mail, and the names of what is too large."""
    taken: list[Attachment] = []
    left_out: list[str] = []
    size = 0
    for file in (file for answer in answers for file in answer.attachments.all()):
        if size + file.size > MOST_BYTES:
            left_out.append(file.name)
            continue
        size += file.size
        taken.append(file)
    return taken, left_out


def withdraw_seen(*, conversation_id: int | None = None) -> int:
    """Hold back mails that were not sent yet when all in them was seen.

    A mail server that is away gives a visitor hours to come back. Returns how many, of
    one conversation or of all.
    """
    waiting = Delivery.objects.filter(
        state=DeliveryState.QUEUED,
        item__kind=Kind.EVENT,
        item__payload__name=CONTINUED,
    )
    if conversation_id is not None:
        waiting = waiting.filter(conversation_id=conversation_id)
    found = waiting.values_list(
        "pk", "item__payload__seqs", "conversation__chat__visitor_seen_seq"
    )
    seen = [pk for pk, seqs, seen_seq in found if max(seqs) <= (seen_seq or 0)]
    return sum(withdraw_delivery(item_id=pk) for pk in seen)
