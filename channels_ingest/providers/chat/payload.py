"""What our own chat hands to the journal, and how it is read back.

One line of JSON with everything about the message, then the bytes of its files one
after the other. The API has checked all of it before it was journalled.
"""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from channels_ingest.base import Unreadable
from inbox.contract import (
    Attachment,
    Authentication,
    InboundMessage,
    Sender,
    Verdict,
)

SOURCE = "chat"
"""The door that chat messages come in by."""
SIGNED = Authentication(verdict=Verdict.PASS, explanation="Signed by your website.")
UNSIGNED = Authentication(
    explanation="Nobody has vouched for this visitor; what they say is a claim."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One message as a visitor or an app hands it to us."""

    client_id: str
    """The sender's own id: the same for every try to hand the message over."""
    visitor_id: str
    """`Visitor.public_id`."""
    handle: str
    """Of the visitor's identity, whose kind is `chat`."""
    scope: str
    name: str = ""
    is_proven: bool = False
    """They have shown an identity that the website or app signed."""
    conversation_id: int | None = None
    """Checked by the API: the visitor takes part in it."""
    topic_key: str = ""
    """The sender's own id of a topic that may not exist yet."""
    subject: str = ""
    text: str
    sent_at: datetime
    files: tuple[Attachment, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    """What is shown with it: `form`, `page`, `invitation`; see `inbox.contract`."""


def external_id_of(*, visitor_id: str, client_id: str) -> str:
    """Return what a redelivery of a visitor's message is recognised by."""
    return f"{visitor_id}:{client_id}"


def visitor_id_of(external_id: str) -> uuid.UUID | None:
    """Return the visitor whose message has this external id; None if nobody's has."""
    try:
        return uuid.UUID(external_id.partition(":")[0])
    except ValueError:
        return None


def topic_key_of(*, visitor_id: str, key: str) -> str:
    """Return the thread key of a topic that this visitor began; nobody else's is it."""
    return f"chat:{visitor_id}:{key}"


def packed(message: ChatMessage) -> bytes:
    """Return the message as the journal keeps it."""
    head = {
        "client_id": message.client_id,
        "visitor": message.visitor_id,
        "handle": message.handle,
        "scope": message.scope,
        "name": message.name,
        "proven": message.is_proven,
        "conversation": message.conversation_id,
        "topic": message.topic_key,
        "subject": message.subject,
        "text": message.text,
        "sent_at": message.sent_at.astimezone(UTC).isoformat(),
        "files": [
            {"name": it.name, "type": it.content_type, "size": len(it.content)}
            for it in message.files
        ],
        "details": message.details,
    }
    line = json.dumps(head, ensure_ascii=True).encode()
    return b"\n".join((line, b"".join(it.content for it in message.files)))


def unpacked(raw: bytes) -> InboundMessage:
    """Return what the journal kept, as the inbox takes it.

    :raises Unreadable: if it is none of ours
    """
    line, _, content = raw.partition(b"\n")
    try:
        head = json.loads(line)
        return _inbound(head, content)
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("This is no chat message of ours.", is_final=True) from error


def _inbound(head: dict[str, Any], content: bytes) -> InboundMessage:
    keys: tuple[str, ...] = ()
    if head["topic"]:
        keys = (topic_key_of(visitor_id=head["visitor"], key=head["topic"]),)
    return InboundMessage(
        external_id=external_id_of(
            visitor_id=head["visitor"], client_id=head["client_id"]
        ),
        sender=Sender(
            kind="chat", handle=head["handle"], scope=head["scope"], name=head["name"]
        ),
        text=head["text"],
        sent_at=datetime.fromisoformat(head["sent_at"]),
        subject=head["subject"],
        proven_conversation_id=head["conversation"],
        thread_keys=keys,
        own_keys=keys,
        is_reply=head["conversation"] is not None,
        attachments=tuple(_files(head["files"], content)),
        authentication=SIGNED if head.get("proven") else UNSIGNED,
        details=head["details"],
    )


def _files(described: list[dict[str, Any]], content: bytes) -> list[Attachment]:
    if sum(it["size"] for it in described) != len(content):
        raise ValueError("the files are not complete")
    files, start = [], 0
    for it in described:
        end = start + it["size"]
        files.append(
            Attachment(
                name=it["name"], content_type=it["type"], content=content[start:end]
            )
        )
        start = end
    return files
