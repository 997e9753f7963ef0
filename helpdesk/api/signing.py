"""Signatures by the Standard Webhooks scheme, and the secrets they are made with."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature_of(*, secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """Return `v1,…` for one secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((event_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed_headers(
    *, keys: Iterable[str], event_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers by which a receiver knows that we sent `body`, and when.

    While a secret is being changed there are two, and a signature by each.
    """
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature_of(secret=key, event_id=event_id, timestamp=timestamp, body=body)
            for key in keys
        ),
    }
