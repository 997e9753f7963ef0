"""What webhooks say: the shapes of the chat API, with whose chat it is.

Only what the visitor is shown can get into one; see `helpdesk.chat.queries`.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from channels_ingest.providers.chat.payload import visitor_id_of
from customers.models import IdentityKind
from helpdesk.api.models import EventType
from helpdesk.api.v1.chat.showing import (
    agent_as_json,
    message_as_json,
    moment,
)
from helpdesk.chat.files import file_token
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.chat.queries import items_shown_to
from inbox.models import Conversation, Direction, TimelineItem

Payload = dict[str, Any]


def payload_of(
    kind: EventType, *, state: ChatState, visitor: Visitor, at: datetime, **more: Any
) -> Payload:
    """Return the content of one webhook, as it is kept and as it is sent."""
    conversation = state.conversation
    return {
        "type": kind.value,
        "timestamp": moment(at),
        "data": {
            "channel": {"key": visitor.channel.address, "kind": visitor.channel.kind},
            "conversation": _conversation(conversation),
            "visitor": _visitor(visitor),
            "customer": {"id": str(conversation.customer.public_id)},
            **more,
        },
    }


def shown_message(*, item_id: int, state: ChatState) -> tuple[Payload, Visitor] | None:
    """Return a message as it may be told, and whose it is; None if it may not be.

    A note, what can still be taken back, and what came or left by another channel are
    for nobody here.
    """
    item = (
        TimelineItem.objects.select_related("agent", "delivery")
        .prefetch_related("attachments")
        .get(pk=item_id)
    )
    visitor = _writer(item) or visitor_in(state)
    if visitor is None or item.channel_id != visitor.channel_id:
        return None
    shown = items_shown_to(visitor, conversation=state.conversation)
    if not shown.filter(pk=item.pk).exists():
        return None
    message = message_as_json(item, visitor=visitor, state=state)
    if message["by"] == "me":
        message["by"] = "visitor"
    message["html"] = str(message["html"]).replace(
        'src="/', f'src="{settings.PUBLIC_URL}/'
    )
    return message, visitor


def visitor_in(state: ChatState) -> Visitor | None:
    """Return who wrote last by chat, also while the state has not been told yet."""
    if state.visitor is not None:
        return state.visitor
    written = TimelineItem.objects.filter(
        conversation_id=state.pk,
        direction=Direction.INBOUND,
        identity__kind=IdentityKind.CHAT,
    ).order_by("-seq")
    last = written.first()
    return _writer(last) if last is not None else None


def with_links(payload: Payload) -> Payload:
    """Return what is sent now: links to files hold for an hour, retries for longer."""
    message = payload["data"].get("message")
    if not message or not message["files"]:
        return payload
    visitor = Visitor(public_id=uuid.UUID(payload["data"]["visitor"]["id"]))
    files = [
        {**it, "url": _file_url(visitor, uuid.UUID(it["id"]))}
        for it in message["files"]
    ]
    data = {**payload["data"], "message": {**message, "files": files}}
    return {**payload, "data": data}


def _file_url(visitor: Visitor, file_id: uuid.UUID) -> str:
    path = reverse("api:chat-file", args=[file_id])
    return f"{settings.PUBLIC_URL}{path}?token={file_token(visitor, file_id=file_id)}"


def _conversation(conversation: Conversation) -> Payload:
    return {
        "id": str(conversation.public_id),
        "subject": conversation.subject,
        "status": "open" if conversation.is_open else "closed",
        "agent": agent_as_json(conversation.assignee),
    }


def _visitor(visitor: Visitor) -> Payload:
    user_id = visitor.identity.value.removeprefix("user:")
    return {
        "id": str(visitor.public_id),
        "is_known": visitor.is_proven,
        "user_id": user_id if visitor.is_proven else None,
    }


def _writer(item: TimelineItem) -> Visitor | None:
    """Return the visitor who wrote it, if one did."""
    if not item.is_inbound:
        return None
    public_id = visitor_id_of(item.external_id)
    if public_id is None:
        return None
    rows = Visitor.objects.select_related("identity", "channel")
    return rows.filter(public_id=public_id).first()
