"""Chats that go on by mail: what is written down, and what is sent."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from django.utils import timezone

from helpdesk.chat.actions.reading import mark_seen
from helpdesk.chat.models import ChatState
from inbox.models import Kind, TimelineItem

MAYA = "maya@rivera.example"


def see(conversation, *, seq):
    mark_seen(
        visitor=state_of(conversation).visitor, conversation=conversation, seq=seq
    )


def state_of(conversation):
    return ChatState.objects.get(pk=conversation.pk)


def events(conversation):
    return list(
        TimelineItem.objects.filter(conversation=conversation, kind=Kind.EVENT)
        .filter(payload__name="continued")
        .order_by("seq")
    )


def after(minutes):
    return timezone.now() + timedelta(minutes=minutes)


def read(envelope):
    return message_from_bytes(envelope.content, policy=default)


def body_of(mail, kind="plain"):
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")
