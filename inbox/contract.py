"""What a channel and the inbox say to each other. Standard library only.

An adapter turns a provider's bytes into the inbound classes and hands the outbound
ones to the provider. It never sees a row of the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Nature(StrEnum):
    """What sort of message it is: who or what wrote it, and why."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    NOTIFICATION = "notification"
    LIST = "list"
    BOUNCE = "bounce"


class Verdict(StrEnum):
    """Whether the sender is who they say they are."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """The outcome of checking the sender, and one sentence that says why."""

    verdict: Verdict = Verdict.NONE
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The handle a message came from."""

    kind: str
    handle: str
    """Normalised: a mail address in lower case, a phone number in E.164."""
    name: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody a message is or was addressed to."""

    handle: str
    name: str = ""
    role: str = "to"
    """`to`, `cc`, `bcc` or `reply_to`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that travels with a message."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message as a provider delivered it, in our terms."""

    external_id: str
    """The provider's id. Unique per channel; redelivery is recognised by it."""
    sender: Sender
    text: str
    """What the sender wrote, without quoted history and signature."""
    sent_at: datetime
    subject: str = ""
    html: str = ""
    """The same as sanitised HTML; empty when the text says it all."""
    proven_conversation_id: int | None = None
    """The conversation named by a signed id of ours that the message carries."""
    thread_keys: tuple[str, ...] = ()
    """Keys of earlier messages it refers to, the most telling first."""
    own_keys: tuple[str, ...] = ()
    """Keys by which later messages may refer to this one."""
    is_reply: bool = False
    recipients: tuple[Recipient, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    quoted_text: str = ""
    quoted_html: str = ""
    signature: str = ""
    nature: Nature = Nature.PERSON
    authentication: Authentication = field(default_factory=Authentication)
    claimed_sender: Sender | None = None
    """Who handed it on, when a colleague forwarded it for its author."""
    remote_images: int = 0
    deserves_acknowledgement: bool = False
    warnings: tuple[str, ...] = ()
    """What had to be repaired or cut to read it, in plain words."""
    details: Mapping[str, object] = field(default_factory=dict)
    """What else is shown with it, small and as JSON. Of a chat: `form`, a list of
    `{"label", "value"}`; `page`, a `{"title", "url"}`; `invitation`, our words that
    it answers."""


class ReceiptStatus(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a provider says became of a message we sent."""

    status: ReceiptStatus
    message_keys: tuple[str, ...]
    """Ids of ours that the receipt names: Message-ID, provider id."""
    proven_item_id: int | None = None
    """The item named by a signed id of ours."""
    recipient: str = ""
    is_permanent: bool = False
    reason: str = ""
    diagnostic: str = ""
    occurred_at: datetime | None = None
    otherwise: InboundMessage | None = None
    """Shown as a message if the receipt speaks of none of ours: nothing is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Input that was understood and holds nothing to show."""

    reason: str


InboundEvent = InboundMessage | Receipt | Ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One message for an adapter to send."""

    item_id: int
    conversation_id: int
    idempotency_key: str
    sender_name: str
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    html: str = ""
    quoted_text: str = ""
    quoted_html: str = ""
    thread_keys: tuple[str, ...] = ()
    """Keys of the conversation's earlier messages, oldest first."""
    attachments: tuple[Attachment, ...] = ()
    is_automatic: bool = False
    created_at: datetime | None = None
    attempt: int = 1
    """How often sending has been tried, this time included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What a provider answered to a message it took."""

    external_id: str
    own_keys: tuple[str, ...] = ()
    response: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Recipients it did not take, with its words, when it took others."""
