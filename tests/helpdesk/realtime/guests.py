"""Visitors with a chat, for tests of their socket."""

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async

from helpdesk.core.doorbell import valkey
from inbox.actions.receiving import receive_message
from inbox.contract import Sender
from tests.factories.inbox import InboundMessageFactory
from tests.helpdesk.chat.chats import chat, visitor_of

make = sync_to_async
do = database_sync_to_async
HOME = "https://shop.example/"


async def a_chat(**fields):
    conversation = await make(chat)(**fields)
    return conversation, await make(visitor_of)(conversation)


def write(visitor, text="Hello", *, topic=""):
    """What the journal hands over when this visitor writes, into a new topic mostly."""
    key = f"chat:{visitor.public_id}:{topic or text}"
    inbound = InboundMessageFactory(
        external_id=f"{visitor.public_id}:{text}",
        sender=Sender(
            kind="chat", handle=visitor.identity.value, scope=visitor.identity.scope
        ),
        text=text,
        thread_keys=(key,),
        own_keys=(key,),
    )
    return receive_message(channel=visitor.channel, inbound=inbound).item.conversation


def changed(conversation):
    return {"type": "conversation.changed", "id": str(conversation.public_id)}


def empty_site():
    """Let Valkey forget who is on any site."""
    for key in valkey().scan_iter("site:*"):
        valkey().delete(key)
