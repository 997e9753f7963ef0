"""What a provider tells: a mail that came in, or what became of one we sent."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, compat32


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMail:
    """A mail that a provider took for us."""

    raw: bytes
    """The mail as MIME: what the provider received, or made of its parts."""
    event_id: str
    """The provider's name for this delivery; "" if it gives none."""
    received_at: datetime | None
    envelope_sender: str
    envelope_recipient: str
    is_spam: bool | None
    """The provider's opinion, if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent:
    """What became of a mail that we sent through a provider."""

    event_type: str
    """anymail's word: delivered, bounced, deferred, complained, opened, unknown …"""
    message_id: str
    """The provider's id of the message, as it gave it when we sent."""
    recipient: str
    event_id: str
    occurred_at: datetime | None
    reject_reason: str
    description: str
    mta_response: str
    click_url: str


def mime_bytes(message: EmailMessage) -> bytes:
    """The message as MIME with its headers as they came, whatever they hold."""
    policy = SMTP.clone(refold_source="none", utf8=True, max_line_length=None)
    try:
        return message.as_bytes(policy=policy)
    except (
        UnicodeError,
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
        IndexError,
    ):
        return message.as_bytes(policy=compat32)
