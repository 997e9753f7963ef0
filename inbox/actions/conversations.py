"""What agents do with a whole conversation: close, snooze, reopen, mark."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from helpdesk.accounts.models import User
from helpdesk.core.events import emit
from inbox.actions.appending import announce_change, append_event, lock_conversation
from inbox.events import ConversationRead, ConversationStatusChanged
from inbox.models import Conversation, Mention, Priority, Status


class SnoozeInThePast(Exception):
    """The time to wake at is over already."""


@transaction.atomic
def close_conversation(
    *, conversation_id: int, actor: User | None, now: datetime | None = None
) -> Conversation:
    """Say that there is nothing left to do. Closing twice changes nothing."""
    conversation = lock_conversation(conversation_id)
    if conversation.status == Status.CLOSED:
        return conversation
    now = now or timezone.now()
    _close(conversation, actor=actor, now=now)
    return _change_status(conversation, Status.CLOSED, actor=actor, now=now)


def _close(conversation: Conversation, *, actor: User | None, now: datetime) -> None:
    conversation.closed_at = now
    conversation.closed_by = actor
    conversation.waiting_since = None
    conversation.due_at = None
    conversation.is_unread = False


@transaction.atomic
def reopen_conversation(*, conversation_id: int, actor: User | None) -> Conversation:
    """Bring a closed, snoozed, waiting or spam conversation back to the open ones."""
    conversation = lock_conversation(conversation_id)
    if conversation.status == Status.OPEN:
        return conversation
    return _change_status(conversation, Status.OPEN, actor=actor)


@transaction.atomic
def wait_for_customer(
    *, conversation_id: int, actor: User | None, now: datetime | None = None
) -> Conversation:
    """Put the conversation aside until the customer answers."""
    conversation = lock_conversation(conversation_id)
    if conversation.status == Status.WAITING:
        return conversation
    return _change_status(conversation, Status.WAITING, actor=actor, now=now)


@transaction.atomic
def snooze_conversation(
    *,
    conversation_id: int,
    until: datetime | None,
    actor: User | None,
    now: datetime | None = None,
) -> Conversation:
    """Put the conversation aside until a time, or until a reply if `until` is None.

    :raises SnoozeInThePast: if `until` is not in the future
    """
    if until is not None and until <= (now or timezone.now()):
        raise SnoozeInThePast
    conversation = lock_conversation(conversation_id)
    return _change_status(
        conversation, Status.SNOOZED, actor=actor, snoozed_until=until, now=now
    )


@transaction.atomic
def mark_as_spam(
    *, conversation_id: int, actor: User | None, now: datetime | None = None
) -> Conversation:
    """Move the conversation out of everybody's way, into spam."""
    conversation = lock_conversation(conversation_id)
    if conversation.status == Status.SPAM:
        return conversation
    now = now or timezone.now()
    _close(conversation, actor=actor, now=now)
    return _change_status(conversation, Status.SPAM, actor=actor, now=now)


def _change_status(
    conversation: Conversation,
    status: Status,
    *,
    actor: User | None,
    snoozed_until: datetime | None = None,
    now: datetime | None = None,
) -> Conversation:
    previous = conversation.status
    conversation.status = status
    conversation.snoozed_until = snoozed_until
    if status not in (Status.CLOSED, Status.SPAM):
        conversation.closed_at, conversation.closed_by = None, None
    details = {"until": snoozed_until.isoformat()} if snoozed_until else {}
    append_event(
        conversation,
        name=_EVENT_NAMES[status],
        actor_id=actor.pk if actor else None,
        now=now,
        previous=previous,
        **details,
    )
    conversation.save()
    emit(
        ConversationStatusChanged(
            conversation_id=conversation.pk,
            status=status,
            previous_status=previous,
            actor_id=actor.pk if actor else None,
            cursor=conversation.last_seq,
        )
    )
    return conversation


_EVENT_NAMES = {
    Status.OPEN: "reopened",
    Status.WAITING: "waiting",
    Status.SNOOZED: "snoozed",
    Status.CLOSED: "closed",
    Status.SPAM: "spam",
}


@transaction.atomic
def wake_snoozed(*, now: datetime, limit: int = 200) -> int:
    """Reopen what was snoozed until now or earlier; return how many."""
    due = list(
        Conversation.objects.select_for_update(skip_locked=True)
        .filter(status=Status.SNOOZED, snoozed_until__lte=now)
        .order_by("snoozed_until", "id")
        .values_list("pk", flat=True)[:limit]
    )
    for pk in due:
        reopen_conversation(conversation_id=pk, actor=None)
    return len(due)


@transaction.atomic
def set_priority(
    *,
    conversation_id: int,
    priority: Priority,
    actor: User | None,
    now: datetime | None = None,
) -> Conversation:
    """Say how urgent the conversation is."""
    conversation = lock_conversation(conversation_id)
    if conversation.priority == priority:
        return conversation
    append_event(
        conversation,
        name="priority",
        actor_id=actor.pk if actor else None,
        now=now,
        priority=int(priority),
        previous=conversation.priority,
    )
    conversation.priority = priority
    conversation.save()
    return conversation


@transaction.atomic
def mark_read(*, conversation_id: int, agent: User) -> None:
    """Note that `agent` has looked: clears the unread mark and their mentions."""
    conversation = lock_conversation(conversation_id)
    Mention.objects.filter(conversation=conversation, agent=agent, seen_at=None).update(
        seen_at=timezone.now()
    )
    if conversation.is_unread:
        conversation.is_unread = False
        conversation.save(update_fields=["is_unread"])
        announce_change(conversation, is_internal=True)
        emit(
            ConversationRead(
                conversation_id=conversation.pk,
                seq=conversation.last_seq,
                agent_id=agent.pk,
                is_fetched=conversation.channel.is_fetched,
            )
        )


@transaction.atomic
def mark_unread(*, conversation_id: int) -> None:
    """Make the conversation stand out in the list again."""
    conversation = lock_conversation(conversation_id)
    if not conversation.is_unread:
        conversation.is_unread = True
        conversation.save(update_fields=["is_unread"])
        announce_change(conversation, is_internal=True)


@transaction.atomic
def rename_conversation(
    *, conversation_id: int, subject: str, actor: User
) -> Conversation:
    """Give the topic another subject; mails already sent keep theirs."""
    conversation = lock_conversation(conversation_id)
    subject = " ".join(subject.split())[:998]
    if conversation.subject == subject:
        return conversation
    append_event(
        conversation,
        name="renamed",
        actor_id=actor.pk,
        previous=conversation.subject,
        subject=subject,
    )
    conversation.subject = subject
    conversation.save()
    return conversation
