"""What a visitor's browser keeps to prove that it is the one that wrote.

`<public id>.<secret>`: the database has only a hash of the secret, and the id alone
opens nothing. It is sent in a header or in a socket's first frame, never in an address.
"""

import hashlib
import hmac
import secrets
import uuid

from django.db.models import QuerySet

from helpdesk.chat.models import Visitor
from helpdesk.core.prepared import Prepared

MAX_TOKEN = 200


class TokenInvalid(Exception):
    """Nobody has this token, or it was given up."""


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    # Anybody can send anything, halves of characters as well.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def token_of(visitor: Visitor, *, secret: str) -> str:
    return f"{visitor.public_id}.{secret}"


def visitor_of(token: str) -> Visitor:
    """Return whose token it is, with identity, customer and channel.

    :raises TokenInvalid: if it is nobody's, or the channel is not in use any more
    """
    public_id, _, secret = token[:MAX_TOKEN].partition(".")
    try:
        number = uuid.UUID(public_id)
    except ValueError:
        raise TokenInvalid from None
    for visitor in _visitors(public_id=number):
        if hmac.compare_digest(visitor.token_hash, hash_of(secret)):
            return visitor
    raise TokenInvalid


@Prepared
def _visitors(*, public_id: uuid.UUID) -> QuerySet[Visitor]:
    visitors = Visitor.objects.select_related("identity__customer", "channel__brand")
    return visitors.filter(public_id=public_id, channel__is_active=True)
