"""Proofs of identity as a site makes them; the site's side is not ours."""

import hashlib
import hmac
import time

import jwt

from tests.factories.chat import IDENTITY_SECRET


def signed_token(*, secret=IDENTITY_SECRET, algorithm="HS256", seconds=300, **claims):
    """Return a JWT of user 42; `sub=None` and the like leave a claim out."""
    said = {"sub": "42", "exp": int(time.time()) + seconds, **claims}
    payload = {key: value for key, value in said.items() if value is not None}
    return jwt.encode(payload, secret, algorithm=algorithm)


def signed_fields(*, key, secret=IDENTITY_SECRET, seconds=300, **fields):
    """Return the plain fields with their HMAC, of user 42 unless told otherwise."""
    said = {"user_id": "42", "expires_at": int(time.time()) + seconds, **fields}
    lines = [
        "v1",
        key,
        str(said["user_id"]),
        said.get("name", ""),
        said.get("email", ""),
        str(said["expires_at"]),
    ]
    digest = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256)
    return {**said, "signature": digest.hexdigest()}
