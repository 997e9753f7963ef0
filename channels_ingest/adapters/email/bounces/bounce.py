"""What a delivery report says, in our own terms."""

from dataclasses import dataclass
from typing import Literal

from channels_ingest.adapters.email.bounces.reasons import Reason

Action = Literal["failed", "delayed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BouncedRecipient:
    """One address that our message has not reached."""

    address: str
    action: Action
    reason: Reason
    status: str = ""
    """The enhanced status code, such as "5.1.1", or empty."""
    diagnostic: str = ""
    """What the other server answered, on one line."""
    remote_mta: str = ""
    final_address: str = ""
    """Where the message went in the end, if it was forwarded on."""

    @property
    def is_permanent(self) -> bool:
        """Nobody tries again to deliver this message."""
        return self.action == "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A report that a message has not been delivered, or not yet."""

    recipients: tuple[BouncedRecipient, ...]
    reason: str
    """One plain English sentence, marked for translation where it is defined."""
    original_message_id: str = ""
    original_envelope_id: str = ""
    original_headers: tuple[tuple[str, str], ...] = ()
    """The headers of the message that bounced, as far as they came back."""
    delivered_to: tuple[str, ...] = ()
    """Where the report was sent: our VERP address is among them."""

    @property
    def is_permanent(self) -> bool:
        return any(recipient.is_permanent for recipient in self.recipients)

    @property
    def is_hard(self) -> bool:
        """One of the addresses will not work for a later message either."""
        return any(recipient.reason.is_hard for recipient in self.recipients)

    def original_values(self, name: str) -> tuple[str, ...]:
        """The values of a header of the message that bounced."""
        wanted = name.lower()
        return tuple(
            value for key, value in self.original_headers if key.lower() == wanted
        )
