"""Taking a reply back into the composer while it has not left."""

from datetime import timedelta

from django.db import transaction

from helpdesk.accounts.models import User
from inbox.actions.appending import announce_change, lock_conversation
from inbox.actions.receiving import preview_of_item
from inbox.models import (
    Conversation,
    Delivery,
    DeliveryState,
    Draft,
    Kind,
    TimelineItem,
    Upload,
)


class TooLateToUndo(Exception):
    """The message has left, or is leaving right now."""


@transaction.atomic
def take_back(*, item_id: int, actor: User) -> Draft:
    """Stop a message that is still held and put its words back into a draft.

    :raises TooLateToUndo: if a sender has it already
    :raises TimelineItem.DoesNotExist: if it is not the actor's own message
    """
    item = TimelineItem.objects.select_related("detail").get(pk=item_id, agent=actor)
    conversation = lock_conversation(item.conversation_id)
    delivery = Delivery.objects.select_for_update().filter(pk=item_id).first()
    if delivery is None or delivery.state != DeliveryState.HELD:
        raise TooLateToUndo
    draft = _draft_of(item, actor=actor)
    _files_back(item, actor=actor)
    item.delete()
    _forget_answer(conversation)
    conversation.save()
    announce_change(conversation)
    return draft


def _draft_of(item: TimelineItem, *, actor: User) -> Draft:
    draft, _ = Draft.objects.update_or_create(
        conversation_id=item.conversation_id,
        agent=actor,
        defaults={
            "mode": item.payload.get("mode", "reply"),
            "way": item.payload.get("way", ""),
            "html": item.html,
            "text": item.text,
            "subject": item.subject,
            "to": item.detail.to,
            "cc": item.detail.cc,
            "bcc": item.detail.bcc,
            "seen_seq": item.seq,
        },
    )
    return draft


def _files_back(item: TimelineItem, *, actor: User) -> None:
    Upload.objects.bulk_create(
        Upload(
            conversation_id=item.conversation_id,
            agent=actor,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            stored_name=file.stored_name,
            content_id=file.content_id,
            is_inline=file.is_inline,
        )
        for file in item.attachments.all()
    )


def _forget_answer(conversation: Conversation) -> None:
    """Restore what the list shows from the messages that remain."""
    last = (
        TimelineItem.objects.filter(conversation=conversation, kind=Kind.MESSAGE)
        .exclude(payload__has_key="automatic")
        .order_by("-seq")
        .first()
    )
    conversation.message_count = max(0, conversation.message_count - 1)
    if last is None:
        return
    conversation.preview = preview_of_item(last)
    conversation.preview_agent = last.agent
    if last.is_inbound:
        conversation.waiting_since = last.received_at
        minutes = conversation.channel.reply_within_minutes
        if minutes:
            conversation.due_at = last.received_at + timedelta(minutes=minutes)
