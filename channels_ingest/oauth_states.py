"""What is remembered between sending an admin to a provider and their coming back."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

LASTS = timedelta(minutes=10)
MOST = 5
_KEY = "oauth_states"


class StateUnknown(Exception):
    """Nobody was sent away with this state, or too long ago, or it was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingConsent:
    """One journey to a provider."""

    channel_id: int
    verifier: str
    begun_at: str


def remember(
    session: SessionBase, *, channel_id: int, now: datetime
) -> tuple[str, PendingConsent]:
    """Return a new state and what belongs to it; it lasts for ten minutes, once."""
    state = secrets.token_urlsafe(32)
    pending = PendingConsent(
        channel_id=channel_id,
        verifier=secrets.token_urlsafe(64),
        begun_at=now.isoformat(),
    )
    kept = dict(list(_kept(session).items())[-(MOST - 1) :])
    session[_KEY] = {**kept, state: asdict(pending)}
    return state, pending


def take(session: SessionBase, *, state: str, now: datetime) -> PendingConsent:
    """Return what belongs to `state` and forget it.

    :raises StateUnknown: if it is not one of this browser's, or was used, or is old
    """
    kept = dict(_kept(session))
    found = kept.pop(state, None)
    session[_KEY] = kept
    # Taken for good before anything else happens, so that no second use wins.
    session.save()
    if found is None:
        raise StateUnknown
    pending = PendingConsent(**found)
    if datetime.fromisoformat(pending.begun_at) < now - LASTS:
        raise StateUnknown
    return pending


def _kept(session: SessionBase) -> Mapping[str, Any]:
    kept = session.get(_KEY) or {}
    return kept if isinstance(kept, dict) else {}
