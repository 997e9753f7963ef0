"""Conversations and messages as clients of the chat API get them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.urls import reverse

from helpdesk.accounts.models import User, initials_of
from helpdesk.chat.files import file_token
from helpdesk.chat.listing import Chat
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.core.html import place_inline_images, sanitize_compose
from inbox.actions.receiving import preview_of
from inbox.models import Attachment, DeliveryState, TimelineItem
from inbox.views.presenting.items import SHOWN_IMAGES

Shown = dict[str, Any]
_STATES: Final = {
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.SEEN: "seen",
}


def conversation_as_json(chat: Chat) -> Shown:
    """Return one conversation as the list and its own address show it."""
    conversation, state, last = chat.conversation, chat.state, chat.last
    return {
        "id": str(conversation.public_id),
        "keys": list(chat.keys),
        "subject": conversation.subject,
        "status": "open" if conversation.is_open else "closed",
        "agent": agent_as_json(chat.agent),
        "preview": _preview(last, file=chat.last_file),
        "preview_by": "me" if last is not None and last.is_inbound else "agent",
        "unread": chat.unread,
        "last_at": moment(last.received_at if last else conversation.created_at),
        "last_seq": last.seq if last else 0,
        "seen_seq": state.visitor_seen_seq,
        "agent_seen_seq": state.agent_seen_seq,
        "agent_seen_at": moment(state.agent_seen_at) if state.agent_seen_at else None,
        "rating": state.rating,
        "has_ended": state.ended_at is not None,
    }


def message_as_json(item: TimelineItem, *, visitor: Visitor, state: ChatState) -> Shown:
    """Return one message as its visitor may see it."""
    files = list(item.attachments.all())
    return {
        "id": str(item.public_id),
        "seq": item.seq,
        "client_id": _client_id(item, visitor=visitor),
        "by": _by(item),
        "agent": agent_as_json(item.agent) if item.is_outbound else None,
        "text": item.text,
        "html": _html(item, files=files, visitor=visitor),
        "at": moment(item.occurred_at if item.is_inbound else item.received_at),
        "files": [_file(file, visitor=visitor) for file in files if not file.is_inline],
        "state": _state(item, state=state),
        "form": list(item.payload.get("form", ())) if item.is_inbound else [],
        "invitation": str(item.payload.get("invitation", "")),
    }


def agent_as_json(agent: User | None) -> Shown | None:
    """Return what customers may know of an agent: no address, ever."""
    if agent is None:
        return None
    return {
        "name": agent.name,
        "initials": initials_of(agent.name),
        "color": agent.color_index,
    }


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _preview(last: TimelineItem | None, *, file: str) -> str:
    if last is None:
        return ""
    answers = " · ".join(str(it.get("value")) for it in last.payload.get("form", ()))
    return preview_of(last.text) or file or preview_of(answers)


def _client_id(item: TimelineItem, *, visitor: Visitor) -> str | None:
    """Return the id that this very visitor's browser gave the message."""
    writer, _, client_id = item.external_id.partition(":")
    return client_id if writer == str(visitor.public_id) else None


def _by(item: TimelineItem) -> str:
    if item.is_inbound:
        return "me"
    return "agent" if item.agent_id is not None else "desk"


def _state(item: TimelineItem, *, state: ChatState) -> str:
    if item.is_inbound:
        return "seen" if item.seq <= state.agent_seen_seq else "sent"
    delivery = getattr(item, "delivery", None)
    return _STATES.get(delivery.state, "sent") if delivery else "sent"


def _html(item: TimelineItem, *, files: Sequence[Attachment], visitor: Visitor) -> str:
    """Return what we wrote, sanitised; whatever a customer wrote is text alone."""
    if item.is_inbound or not item.html:
        return ""
    urls = {
        file.content_id: file_url(file, visitor=visitor)
        for file in files
        if file.content_id
    }
    return str(place_inline_images(sanitize_compose(item.html), urls))


def _file(file: Attachment, *, visitor: Visitor) -> Shown:
    return {
        "id": str(file.public_id),
        "name": file.name,
        "type": file.content_type,
        "size": file.size,
        "url": file_url(file, visitor=visitor),
        "is_image": file.content_type in SHOWN_IMAGES,
    }


def file_url(file: Attachment, *, visitor: Visitor) -> str:
    path = reverse("api:chat-file", args=[file.public_id])
    return f"{path}?token={file_token(visitor, file_id=file.public_id)}"
