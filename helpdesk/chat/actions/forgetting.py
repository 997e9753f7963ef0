"""A visitor deletes their data: for good, and wherever it lies."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from channels_ingest.models import DeliveryAttempt, EventState, InboundEvent
from channels_ingest.providers.chat.payload import SOURCE, visitor_id_of
from helpdesk.chat.actions.continuing import CONTINUED
from helpdesk.chat.actions.unknowing import blank_people, drop_claimed, only_claimed
from helpdesk.chat.events import VisitorAccessChanged
from helpdesk.chat.models import ChatState, Visit, Visitor
from helpdesk.chat.queries import identities_of
from helpdesk.core.events import emit
from helpdesk.core.files import delete_file
from inbox.actions.appending import append_event, lock_conversation
from inbox.actions.conversations import close_conversation
from inbox.actions.receiving import preview_of_item
from inbox.models import (
    Attachment,
    Conversation,
    Draft,
    Kind,
    MessageDetail,
    Participant,
    Status,
    TimelineItem,
    Upload,
)

FORGOTTEN: Final = "forgotten"
GIVEN_UP: Final = ""
"""In place of a token's hash: no token has it."""
TOLD_BY_THEM: Final = ("visited", "rated", "continued", "transcript")
"""Events that hold something of the visitor's."""
_NOTHING: Final = hashlib.sha256(b"").hexdigest()


@transaction.atomic
def forget_visitor(*, visitor_id: int, now: datetime) -> None:
    """Erase what somebody wrote by chat, and what is known of them from there.

    That is texts, files, what was searched and journalled, names, claims and tokens on
    all their devices. What agents wrote goes too where nobody else takes part. Each
    timeline keeps a line that says so. Twice changes nothing.
    """
    visitor = Visitor.objects.select_related("identity").filter(pk=visitor_id).first()
    if visitor is None:
        return
    identities = list(identities_of(visitor).order_by("pk"))
    identity_ids = {identity.pk for identity in identities}
    # Conversations first, as for whoever writes: then the visitors, for good.
    for conversation_id in _conversations_of(identity_ids):
        lock_conversation(conversation_id)
    visitors = list(
        Visitor.objects.select_for_update()
        .filter(identity__in=identity_ids)
        .order_by("pk")
    )
    conversation_ids = _conversations_of(identity_ids)
    claimed = {one.claimed_email for one in visitors} | _mailed_to(conversation_ids)
    for one in visitors:
        _give_up(one)
        _erase_journal(one, now=now)
    for conversation_id in conversation_ids:
        _let_out(conversation_id, addresses=claimed)
        _erase_part(conversation_id, identity_ids=identity_ids, now=now)
    blank_people(identities)
    drop_claimed(claimed)


@transaction.atomic
def forget_what_came_late(*, item_id: int, now: datetime) -> None:
    """Erase a message that was on its way while its visitor deleted their data."""
    item = TimelineItem.objects.filter(pk=item_id, kind=Kind.MESSAGE).first()
    public_id = visitor_id_of(item.external_id) if item is not None else None
    if item is None or public_id is None:
        return
    gone = Visitor.objects.filter(public_id=public_id, token_hash=GIVEN_UP).first()
    if gone is None:
        return
    _erase_journal(gone, now=now)
    conversation = lock_conversation(item.conversation_id)
    _erase_items(conversation, TimelineItem.objects.filter(pk=item.pk), now=now)
    _close_the_book(conversation, now=now)
    # It brought name, address and page along. Whoever was told of it forgets it, too.
    _give_up(gone)


def _give_up(visitor: Visitor) -> None:
    visitor.token_hash = GIVEN_UP
    visitor.is_proven = False
    visitor.claimed_name = visitor.claimed_email = visitor.locale = ""
    visitor.attributes, visitor.page = {}, {}
    visitor.save()
    Visit.objects.filter(visitor=visitor).delete()
    emit(VisitorAccessChanged(visitor_id=visitor.pk))


def _erase_journal(visitor: Visitor, *, now: datetime) -> None:
    """Empty what was handed to us; the key stays, so that no retry brings it back."""
    handed = InboundEvent.objects.filter(
        channel_id=visitor.channel_id,
        source=SOURCE,
        dedupe_key__startswith=f"{visitor.public_id}:",
    ).exclude(state=EventState.DISCARDED, size=0)
    _empty(handed, now=now)


def _conversations_of(identity_ids: Collection[int]) -> list[int]:
    parts = Participant.objects.filter(identity__in=identity_ids)
    found = parts.values_list("conversation_id", flat=True).distinct()
    return sorted(found)


def _mailed_to(conversation_ids: Collection[int]) -> set[str]:
    """Return where answers went on by mail."""
    mails = TimelineItem.objects.filter(
        conversation__in=conversation_ids,
        kind=Kind.EVENT,
        payload__name=CONTINUED,
    )
    return set(mails.values_list("payload__to", flat=True))


def _let_out(conversation_id: int, *, addresses: Collection[str]) -> None:
    """Whoever was only ever claimed to be the visitor takes part no longer."""
    Participant.objects.filter(
        conversation=conversation_id, identity__in=only_claimed(addresses)
    ).delete()


def _erase_part(
    conversation_id: int, *, identity_ids: Collection[int], now: datetime
) -> None:
    conversation = lock_conversation(conversation_id)
    conversation.claims = {}
    conversation.save(update_fields=["claims"])
    others = conversation.participants.exclude(identity__in=identity_ids)
    theirs = Q(identity__in=identity_ids) | Q(
        kind=Kind.EVENT, payload__name__in=TOLD_BY_THEM
    )
    if not others.exists():
        theirs |= Q(kind__in=(Kind.MESSAGE, Kind.NOTE))
        _erase_drafts(conversation)
    if _erase_items(conversation, conversation.items.filter(theirs), now=now):
        _close_the_book(conversation, now=now)


def _erase_items(
    conversation: Conversation, items: QuerySet[TimelineItem], *, now: datetime
) -> bool:
    """Delete items with all that hangs on them; return whether there were any."""
    pks = list(items.values_list("pk", flat=True))
    if not pks:
        return False
    files = Attachment.objects.filter(item__in=pks)
    _delete_files_after_commit(files.values_list("stored_name", flat=True))
    journalled = MessageDetail.objects.filter(item__in=pks, journal_id__isnull=False)
    ids = journalled.values("journal_id")
    _empty(InboundEvent.objects.filter(pk__in=ids), now=now)
    DeliveryAttempt.objects.filter(item_id__in=pks).delete()
    TimelineItem.objects.filter(pk__in=pks).delete()
    _recount(conversation)
    return True


def _empty(handed: QuerySet[InboundEvent], *, now: datetime) -> None:
    """Say in the books that what was handed to us is meant to be gone."""
    handed.update(
        raw=b"",
        size=0,
        sha256=_NOTHING,
        headers={},
        state=EventState.DISCARDED,
        reason="",
        traceback="",
        item_id=None,
        handled_at=now,
    )


def _recount(conversation: Conversation) -> None:
    messages = conversation.items.filter(kind=Kind.MESSAGE)
    last = messages.order_by("-seq").first()
    conversation.message_count = messages.count()
    conversation.attachment_count = Attachment.objects.filter(
        item__conversation=conversation, is_inline=False
    ).count()
    conversation.preview = preview_of_item(last) if last else ""
    conversation.preview_agent = last.agent if last else None
    # It was taken from their first message.
    conversation.subject = ""


def _close_the_book(conversation: Conversation, *, now: datetime) -> None:
    append_event(conversation, name=FORGOTTEN, actor_id=None, now=now)
    conversation.save()
    ChatState.objects.filter(pk=conversation.pk).update(
        visitor=None, unseen_since=None, rating=None, rating_comment="", ended_at=now
    )
    if conversation.status != Status.SPAM:
        close_conversation(conversation_id=conversation.pk, actor=None, now=now)


def _erase_drafts(conversation: Conversation) -> None:
    uploads = Upload.objects.filter(conversation=conversation)
    _delete_files_after_commit(uploads.values_list("stored_name", flat=True))
    uploads.delete()
    Draft.objects.filter(conversation=conversation).delete()


def _delete_files_after_commit(stored_names: Iterable[str]) -> None:
    names = set(stored_names)
    if names:
        transaction.on_commit(partial(_delete_files, names))


def _delete_files(names: set[str]) -> None:
    for rows in (Attachment.objects.all(), Upload.objects.all()):
        kept = rows.filter(stored_name__in=names)
        names = names.difference(kept.values_list("stored_name", flat=True))
    for name in names:
        delete_file(name)
