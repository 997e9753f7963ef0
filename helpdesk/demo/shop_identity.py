"""The sample shop vouches for its customers, as a real one would on its own server."""

import uuid
from datetime import datetime, timedelta

import jwt

from channels_ingest.providers.chat.settings import identity_secrets
from helpdesk.demo.script import Person
from inbox.models import Channel

VALID_FOR = timedelta(minutes=10)


def shop_user_id(person: Person) -> str:
    """Return the number that the shop knows a customer by."""
    return f"larchwood-{person.key}"


def signed_identity(person: Person, *, channel: Channel, now: datetime) -> str:
    """Return a JWT that says who a signed-in customer is; it is good for once."""
    claims = {
        "aud": channel.address,
        "sub": shop_user_id(person),
        "name": person.name,
        "email": person.email,
        "iat": int(now.timestamp()),
        "exp": int((now + VALID_FOR).timestamp()),
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, identity_secrets(channel.config)[0], algorithm="HS256")
