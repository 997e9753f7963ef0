"""What every channel's adapter can do, and what it may know.

An adapter translates and sends. It is given plain values and never a row, so that it
can be tested with nothing but a recorded payload.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from inbox.contract import InboundEvent, OutboundMessage, SendResult


class SignatureInvalid(Exception):
    """The request was not made by the provider it claims to come from."""


class Unreadable(Exception):
    """The input cannot be understood; the message says why in plain words.

    `is_final` means that another try would end the same way.
    """

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class SendFailed(Exception):
    """The message did not leave, or we do not know whether it did.

    The text is for agents. `permanent` means that trying again is of no use,
    `ambiguous` that the provider may have taken it.
    """

    def __init__(
        self,
        reason: str,
        *,
        diagnostic: str = "",
        permanent: bool = False,
        ambiguous: bool = False,
        pause: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.diagnostic = diagnostic
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.pause = pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can carry; `Channel.capabilities` holds a copy."""

    text_limit: int = 0
    """Characters of one message; 0 means no limit worth naming."""
    has_subject: bool = False
    has_html: bool = False
    has_copies: bool = False
    """Whether a message can go to several people."""
    takes_files: bool = False
    file_bytes: int = 0
    """Size of all files of one message; 0 means none are taken."""
    reply_window_hours: int = 0
    """How long after the customer wrote an answer may be sent; 0 means for ever."""
    reports_delivery: bool = False
    is_fetched: bool = False
    """Whether customers fetch their messages from us: nothing has to be sent."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that an adapter may know of the channel it works for."""

    channel_id: int
    kind: str
    address: str
    aliases: tuple[str, ...] = ()
    name: str = ""
    sender_name: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    own_addresses: frozenset[str] = frozenset()
    """Every address of every channel of this desk, this one's included."""
    colleagues: frozenset[str] = frozenset()
    """Addresses of the agents who work here today."""
    token_keys: tuple[str, ...] = ()
    """Secrets of signed ids and reply addresses: the first writes, all of them read."""

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawInput:
    """Bytes as the journal kept them, and what came along with them."""

    raw: bytes
    source: str
    """The door it came in by: smtp, lmtp, imap, webhook, import."""
    headers: Mapping[str, Any] = field(default_factory=dict)
    """The envelope (`mail_from`, `rcpt_to`, `peer`), or the request's headers."""
    external_id: str = ""
    """Unique per channel: what the journal recognises a redelivery by."""
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A wish to know how an input is read, besides what it gives."""

    raw: RawInput


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A provider's HTTP request exactly as it was received."""

    method: str
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class ChannelAdapter(ABC):
    """Translates between one provider and the contract; made for one account."""

    kind: ClassVar[str]
    label: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    reads_own_words: ClassVar[bool] = False
    """Whether its input was written by this very program, which can read it anywhere:
    no child is needed for it, and nothing has to be known of the rest of the desk."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @abstractmethod
    def verify(self, request: RawRequest) -> None:
        """Check that the provider made the request.

        :raises SignatureInvalid: if it did not, or nothing proves that it did
        """

    @abstractmethod
    def parse(self, raw: RawInput) -> Sequence[InboundEvent]:
        """Translate stored input; the same input always gives the same result.

        :raises Unreadable: if it cannot be understood
        """

    def examine(self, raw: RawInput) -> dict[str, Any]:
        """Return how the input is read, as plain values for people."""
        return {}

    @abstractmethod
    def send(self, message: OutboundMessage) -> SendResult:
        """Hand one message to the provider.

        :raises SendFailed: if it was not taken, or perhaps not
        """
