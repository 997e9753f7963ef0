"""Message-IDs and addresses of ours that nobody else can make up.

Whoever holds such an id has received one of our messages; whoever guesses, shortens
or changes one gets `None`. Each kind of id is signed under its own purpose, so none
can stand in for another, and for its own domain. There is one format: ids of any
other form never verify. An id says which conversation is meant, not who may write
to it; that takes the authenticated sender as well.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final, Literal

Purpose = Literal["message-id", "reply", "bounce", "probe"]

_VERSION: Final = 1
_NUMBER_BYTES: Final = 6
_SIGNED_BYTES: Final = 1 + 2 * _NUMBER_BYTES
_SIGNATURE_BYTES: Final = 12  # 96 bits
# 25 bytes make 40 letters without padding or spare bits, in an alphabet that survives
# a change of case on the way. Of a local part's 64 octets the mailbox may have 22.
_TOKEN = re.compile(r"[a-z2-7]{40}\Z")
_LONGEST_LOCAL_PART: Final = 64
_LONGEST_ADDRESS: Final = 500
_KEY_SALT: Final = b"tributary mail ids 1 "


class LocalPartTooLong(ValueError):
    """The mailbox's name leaves no room for the token behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessageId:
    """One of our messages."""

    conversation: int
    item: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReplyAddress:
    """The address under which a conversation takes answers, in one channel."""

    conversation: int
    channel: int


def sign_message_id(*, secret: str, conversation: int, item: int, domain: str) -> str:
    """The Message-ID of an outgoing message, in angle brackets.

    The same arguments give the same id: a message sent again after a crash is known
    as the one it is.
    """
    domain = domain.lower()
    token = _sign(secret, "message-id", conversation, item, domain)
    return f"<{token}@{domain}>"


def read_message_id(*, secret: str, message_id: str) -> SignedMessageId | None:
    """Which of our messages an id names; `None` for all ids that are not ours."""
    local, _, domain = message_id[:_LONGEST_ADDRESS].strip().strip("<>").rpartition("@")
    numbers = _read(secret, "message-id", local, domain)
    return (
        SignedMessageId(conversation=numbers[0], item=numbers[1]) if numbers else None
    )


def sign_reply_address(
    *, secret: str, address: str, conversation: int, channel: int
) -> str:
    """`support+r…@domain` for `support@domain`.

    :raises LocalPartTooLong: if the mailbox's name has more than 22 octets
    """
    return _tagged(secret, "reply", address, (conversation, channel))


def read_reply_address(*, secret: str, address: str) -> SignedReplyAddress | None:
    """Which conversation an address of ours stands for, if it does."""
    numbers = _read_tagged(secret, "reply", address)
    if not numbers:
        return None
    return SignedReplyAddress(conversation=numbers[0], channel=numbers[1])


def sign_bounce_address(
    *, secret: str, conversation: int, item: int, domain: str
) -> str:
    """The envelope sender of an outgoing message: reports about it come back there."""
    return _tagged(secret, "bounce", f"bounce@{domain}", (conversation, item))


def read_bounce_address(*, secret: str, address: str) -> SignedMessageId | None:
    """Which of our messages a report that came to this address is about."""
    numbers = _read_tagged(secret, "bounce", address)
    return (
        SignedMessageId(conversation=numbers[0], item=numbers[1]) if numbers else None
    )


def sign_probe_id(*, secret: str, channel: int, number: int) -> str:
    """What marks a test mail of ours: the token alone, for any domain."""
    return _sign(secret, "probe", channel, number, "")


def read_probe_id(*, secret: str, token: str) -> int | None:
    """The number of a test mail; `None` for what we did not sign."""
    numbers = _read(secret, "probe", token, "")
    return numbers[1] if numbers else None


_TAGS: dict[Purpose, str] = {"reply": "r", "bounce": "b"}


def _tagged(
    secret: str, purpose: Purpose, address: str, numbers: tuple[int, int]
) -> str:
    local, _, domain = address.lower().rpartition("@")
    token = _sign(secret, purpose, *numbers, f"{local}@{domain}")
    tagged = f"{local}+{_TAGS[purpose]}{token}"
    if len(tagged.encode()) > _LONGEST_LOCAL_PART:
        raise LocalPartTooLong(local)
    return f"{tagged}@{domain}"


def _read_tagged(secret: str, purpose: Purpose, address: str) -> tuple[int, int] | None:
    local, _, domain = parseaddr(address[:_LONGEST_ADDRESS])[1].lower().rpartition("@")
    mailbox, _, tag = local.rpartition("+")
    if not tag.startswith(_TAGS[purpose]):
        return None
    return _read(secret, purpose, tag[1:], f"{mailbox}@{domain}")


def _sign(secret: str, purpose: Purpose, first: int, second: int, place: str) -> str:
    numbers = b"".join(
        (
            bytes([_VERSION]),
            first.to_bytes(_NUMBER_BYTES),
            second.to_bytes(_NUMBER_BYTES),
        )
    )
    signed = numbers + _signature(secret, purpose, numbers, place)
    return base64.b32encode(signed).decode("ascii").lower()


def _read(
    secret: str, purpose: Purpose, token: str, place: str
) -> tuple[int, int] | None:
    token = token.lower()
    if not _TOKEN.match(token):
        return None
    signed = base64.b32decode(token.upper())
    numbers, signature = signed[:_SIGNED_BYTES], signed[_SIGNED_BYTES:]
    expected = _signature(secret, purpose, numbers, place.lower())
    if not hmac.compare_digest(signature, expected) or numbers[0] != _VERSION:
        return None
    first, second = numbers[1 : 1 + _NUMBER_BYTES], numbers[1 + _NUMBER_BYTES :]
    return int.from_bytes(first), int.from_bytes(second)


def _signature(secret: str, purpose: Purpose, numbers: bytes, place: str) -> bytes:
    if len(secret) < 16:
        raise ValueError("The secret for mail ids needs 16 characters or more.")
    key = hashlib.sha256(_KEY_SALT + secret.encode()).digest()
    signed = b"\0".join((purpose.encode(), place.encode(), numbers))
    return hmac.digest(key, signed, "sha256")[:_SIGNATURE_BYTES]
