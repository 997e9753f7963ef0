"""Signed identities: a site says who its visitor is, and we know that it was the site.

Two forms, both keyed with a secret of the channel: a JWT (HS256), or plain fields with
an HMAC over `canonical_text`. `helpdesk/docs/chat-identity.md` has both in code.
"""

import hashlib
import hmac
import json
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from helpdesk.chat.claims import read_name

LONGEST_VALIDITY: Final = timedelta(hours=24)
LEEWAY: Final = timedelta(seconds=60)
"""How far the clocks of two servers may be apart."""
MAX_JWT: Final = 4096
MAX_USER_ID: Final = 200
MIN_SECRET: Final = 16
VERSION: Final = "v1"


class IdentityRefused(Exception):
    """It proves nothing. `reason` tells whoever builds the site what to change."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IdentityMissing(IdentityRefused):
    """An identity was announced, but it, its user or its signature is blank."""


class IdentityInvalid(IdentityRefused):
    """It was not signed with a secret of this channel, or says what none may say."""


class IdentityExpired(IdentityRefused):
    """It was good once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIdentity:
    """What a shop has vouched for."""

    user_id: str
    name: str = ""
    email: str = ""
    """In lower case."""
    expires_at: datetime
    fingerprint: str
    """The same for the same proof, however it is spelled; tells nothing about it."""


def read_identity(
    given: object, *, secrets: Sequence[str], channel_key: str, now: datetime
) -> SignedIdentity:
    """Return who was vouched for: `given` is a JWT, or the fields with their HMAC.

    :raises IdentityMissing: if there is nothing that could be checked
    :raises IdentityInvalid: if no secret of the channel signed it
    :raises IdentityExpired: if it is too old
    """
    usable = [secret for secret in secrets if len(secret) >= MIN_SECRET]
    if isinstance(given, str) and given.strip():
        return _read_jwt(given.strip(), usable, channel_key=channel_key, now=now)
    if isinstance(given, Mapping) and given:
        return _read_fields(given, usable, channel_key=channel_key, now=now)
    if given is None or given in ("", {}) or isinstance(given, str):
        raise IdentityMissing("The identity is empty.")
    raise IdentityInvalid("The identity is neither a JWT nor an object.")


def canonical_text(
    *,
    channel_key: str,
    user_id: str,
    name: str = "",
    email: str = "",
    expires_at: int,
) -> str:
    """Return what an HMAC is made over: six lines, an empty one for what is not sent.

    No value may hold a line break, so that no two identities share a text.
    """
    return "\n".join((VERSION, channel_key, user_id, name, email, str(expires_at)))


def hmac_of(text: str, *, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _read_jwt(
    token: str, secrets: Sequence[str], *, channel_key: str, now: datetime
) -> SignedIdentity:
    claims = _verified_claims(token, secrets)
    _check_audience(claims.get("aud"), channel_key)
    starts_at = claims.get("nbf")
    if starts_at is not None and _moment(starts_at, "nbf") > now + LEEWAY:
        raise IdentityInvalid("The claim nbf lies in the future.")
    # Only the signed part: a signature can be spelled in several ways.
    signed_part = token.rpartition(".")[0]
    return SignedIdentity(
        user_id=_user_id(claims.get("sub"), "sub"),
        name=_name(claims.get("name")),
        email=_email(claims.get("email")),
        expires_at=_expiry(claims.get("exp"), "exp", now=now),
        fingerprint=_fingerprint(channel_key, signed_part),
    )


def _verified_claims(token: str, secrets: Sequence[str]) -> Mapping[str, Any]:
    if len(token) > MAX_JWT:
        raise IdentityInvalid(f"A JWT has at most {MAX_JWT} characters.")
    if not token.isascii():
        raise IdentityInvalid("A JWT is made of plain letters, digits, - and _.")
    for secret in secrets:
        payload = _payload(token, secret)
        if payload is not None:
            return _claims(payload)
    raise IdentityInvalid("No secret of this channel signed it (HS256).")


def _payload(token: str, secret: str) -> bytes | None:
    with warnings.catch_warnings():
        # Secrets of 16 characters and more are the admin's choice.
        warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)
        try:
            return jwt.api_jws.decode(token, secret, algorithms=["HS256"])  # type: ignore[no-any-return]
        except (jwt.PyJWTError, RecursionError):
            return None


def _claims(payload: bytes) -> Mapping[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise IdentityInvalid("What was signed is no JSON object.")
    return claims


def _check_audience(audience: object, channel_key: str) -> None:
    if audience is None:
        return
    listed = audience if isinstance(audience, list) else [audience]
    if channel_key not in listed:
        raise IdentityInvalid("The claim aud names another channel.")


def _read_fields(
    given: Mapping[str, Any],
    secrets: Sequence[str],
    *,
    channel_key: str,
    now: datetime,
) -> SignedIdentity:
    signature = _line(given.get("signature"), "signature").strip().lower()
    if not signature:
        raise IdentityMissing("The signature is empty.")
    text = canonical_text(
        channel_key=channel_key,
        user_id=_line(given.get("user_id"), "user_id"),
        name=_line(given.get("name"), "name"),
        email=_line(given.get("email"), "email"),
        expires_at=_whole_seconds(given.get("expires_at")),
    )
    if not _is_signed(text, signature, secrets):
        raise IdentityInvalid("No secret of this channel made this signature.")
    return SignedIdentity(
        user_id=_user_id(given.get("user_id"), "user_id"),
        name=_name(given.get("name")),
        email=_email(given.get("email")),
        expires_at=_expiry(given.get("expires_at"), "expires_at", now=now),
        fingerprint=_fingerprint(channel_key, text),
    )


def _is_signed(text: str, signature: str, secrets: Sequence[str]) -> bool:
    given = signature.encode()
    made = [hmac_of(text, secret=secret).encode() for secret in secrets]
    # Each is compared, so that the time does not tell which one it was.
    return any([hmac.compare_digest(one, given) for one in made])  # noqa: C419


def _line(value: object, field: str) -> str:
    """Return a value as it stands in the canonical text."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise IdentityInvalid(f"{field} is no text.")
    text = str(value)
    if len(text) > MAX_JWT or _has_controls(text):
        raise IdentityInvalid(f"{field} is too long or holds a line break.")
    return text


def _whole_seconds(value: object) -> int:
    if value is None or value == "":
        raise IdentityMissing("expires_at is empty.")
    if isinstance(value, bool) or not isinstance(value, int):
        raise IdentityInvalid("expires_at is no whole number of seconds.")
    return value


def _user_id(value: object, field: str) -> str:
    text = _line(value, field)
    if not text.strip():
        raise IdentityMissing(f"{field} is empty.")
    if len(text) > MAX_USER_ID:
        raise IdentityInvalid(f"{field} has more than {MAX_USER_ID} characters.")
    return text


def _name(value: object) -> str:
    return read_name(_line(value, "name"))


def _email(value: object) -> str:
    email = _line(value, "email").strip().lower()
    if not email:
        return ""
    try:
        validate_email(email)
    except ValidationError:
        raise IdentityInvalid("email is no mail address.") from None
    return email


def _expiry(value: object, field: str, *, now: datetime) -> datetime:
    if value is None:
        raise IdentityInvalid(f"{field} is required: say until when this holds.")
    expires_at = _moment(value, field)
    if expires_at + LEEWAY <= now:
        raise IdentityExpired("It has expired. Sign a new one for each page view.")
    if expires_at > now + LONGEST_VALIDITY + LEEWAY:
        raise IdentityInvalid(f"{field} is more than 24 hours ahead.")
    return expires_at


def _moment(value: object, field: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdentityInvalid(f"{field} is no number of seconds since 1970.")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (OverflowError, ValueError, OSError):
        raise IdentityInvalid(f"{field} is out of range.") from None


def _has_controls(text: str) -> bool:
    return any(unicodedata.category(it) in {"Cc", "Cs", "Zl", "Zp"} for it in text)


def _fingerprint(channel_key: str, signed: str) -> str:
    return hashlib.sha256(f"{channel_key}\n{signed}".encode()).hexdigest()
