"""An answer together with what becomes of the conversation, and both taken back."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from helpdesk.accounts.models import User
from inbox.actions.appending import lock_conversation
from inbox.actions.conversations import close_conversation, wait_for_customer
from inbox.actions.messages import (
    Recipients,
    Writing,
    flags_of,
    write_reply,
)
from inbox.actions.participants import remember_readers
from inbox.actions.taking_back import take_back
from inbox.actions.written_rows import AlreadyWritten
from inbox.models import Channel, Conversation, Draft, Kind, Status, TimelineItem
from inbox.models.draft import DraftMode


class Then(StrEnum):
    """What happens to the conversation once the answer is written."""

    OPEN = "open"
    WAIT = "wait"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Everything the composer says about one answer."""

    writing: Writing
    recipients: Recipients
    mode: str = "reply"
    way: str = ""
    """The composer's own name of the way that was chosen, for taking it back."""
    channel: Channel | None = None
    """None means the one the customer last wrote on."""
    then: Then = Then.OPEN
    client_id: uuid.UUID | None = None
    seen_seq: int | None = None


@transaction.atomic
def answer(*, conversation_id: int, author: User, reply: Reply) -> TimelineItem:
    """Write to the customer, then put the conversation aside, all or nothing.

    Twice with the same `client_id` is once.

    :raises SomethingHappened: if a message newer than `seen_seq` is in the topic
    :raises NoRecipients: if nobody would get it
    :raises NothingWritten: if there are neither words nor files
    """
    conversation = lock_conversation(conversation_id)
    try:
        item = write_reply(
            conversation,
            author=author,
            writing=reply.writing,
            recipients=reply.recipients,
            channel=reply.channel,
            client_id=reply.client_id,
            seen_seq=reply.seen_seq,
            flags=flags_of(mode=reply.mode, way=reply.way),
        )
    except AlreadyWritten as written:
        return written.item
    if reply.mode != DraftMode.CHAT:
        remember_readers(conversation, handles=_handles(reply.recipients))
    _put_aside(conversation_id, then=reply.then, actor=author)
    return item


def _handles(recipients: Recipients) -> list[str]:
    people = (*recipients.to, *recipients.cc, *recipients.bcc)
    return [person["handle"] for person in people]


def _put_aside(conversation_id: int, *, then: Then, actor: User) -> None:
    if then == Then.CLOSE:
        close_conversation(conversation_id=conversation_id, actor=actor)
    elif then == Then.WAIT:
        wait_for_customer(conversation_id=conversation_id, actor=actor)


@transaction.atomic
def undo_answer(*, item_id: int, actor: User) -> Draft:
    """Take a held answer back into the composer, with what it did to the conversation.

    :raises TooLateToUndo: if a sender has it already
    :raises TimelineItem.DoesNotExist: if it is not the actor's own message
    """
    item = TimelineItem.objects.get(pk=item_id, agent=actor)
    conversation = lock_conversation(item.conversation_id)
    _bring_back(conversation, written=item, actor=actor)
    return take_back(item_id=item_id, actor=actor)


def _bring_back(
    conversation: Conversation, *, written: TimelineItem, actor: User
) -> None:
    aside = conversation.items.filter(
        seq=written.seq + 1,
        kind=Kind.EVENT,
        agent=actor,
        payload__name__in=("closed", "waiting"),
    ).first()
    if aside is None or conversation.status not in (Status.CLOSED, Status.WAITING):
        return
    conversation.status = aside.payload.get("previous", Status.OPEN)
    conversation.closed_at = None
    conversation.closed_by = None
    conversation.save()
    aside.delete()
