"""Chats as they come to be: a visitor has written, and agents answer."""

from helpdesk.chat.models import ChatState
from helpdesk.core.outbox import relay_all
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Participant
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    TimelineItemFactory,
    UserFactory,
    VisitorFactory,
    WebchatChannelFactory,
)


def mailbox(server=None, *, address="support@shop.example", **fields):
    """A mailbox that sends to the mail server of the test, if there is one."""
    outgoing = {
        "transport": "smtp",
        "host": "127.0.0.1",
        "port": server.port if server else 9,
        "security": "none",
    }
    return ChannelFactory(address=address, config={"outgoing": outgoing}, **fields)


def chat(
    *,
    server=None,
    by_mail=None,
    claimed="maya@rivera.example",
    address="support@shop.example",
    channel=None,
    **visitor,
):
    """A conversation whose visitor has written, and a mailbox of the same brand."""
    box = mailbox(server, address=address)
    channel = channel or WebchatChannelFactory(
        brand=box.brand, chat={"by_mail": by_mail or {}}
    )
    visitor = VisitorFactory(channel=channel, claimed_email=claimed, **visitor)
    conversation = ConversationFactory(
        channel=channel, identity=visitor.identity, subject=""
    )
    Participant.objects.create(
        conversation=conversation,
        identity=visitor.identity,
        role=ParticipantRole.CUSTOMER,
    )
    TimelineItemFactory(conversation=conversation, text="Where is my tent?")
    ChatState.objects.create(conversation=conversation, visitor=visitor)
    return conversation


def visitor_of(conversation):
    return ChatState.objects.get(pk=conversation.pk).visitor


def answer(conversation, text="It is on its way.", *, author=None, **fields):
    """An agent's answer in the chat, which nobody has seen yet."""
    item = send_reply(
        conversation_id=conversation.pk,
        author=author or UserFactory(name="Noor Okafor"),
        writing=Writing(text=text, **fields),
        recipients=Recipients(to=[{"name": "", "handle": "visitor"}]),
        channel=visitor_of(conversation).channel,
    )
    relay_all()
    return item
