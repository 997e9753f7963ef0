"""Remember when a channel last worked, and what is wrong with it now."""

import time
from datetime import datetime

from channels_ingest.models import ChannelHealth

OFTEN_SECONDS = 5
_noted: dict[int, float] = {}
"""When this process last noted it of a channel."""


def note_inbound(*, channel_id: int, now: datetime) -> None:
    """Note that something came in, so whatever was wrong with fetching is over."""
    _note(channel_id, last_inbound_at=now, error="")


def note_inbound_often(*, channel_id: int, now: datetime) -> None:
    """Note it where something comes all the time: every few seconds is often enough."""
    if time.monotonic() - _noted.get(channel_id, -OFTEN_SECONDS) >= OFTEN_SECONDS:
        note_inbound(channel_id=channel_id, now=now)
        _noted[channel_id] = time.monotonic()


def note_outbound(*, channel_id: int, now: datetime) -> None:
    """Note that something left, so whatever was wrong with sending is over."""
    _note(channel_id, last_outbound_at=now, error="")


def note_trouble(*, channel_id: int, error: str, now: datetime) -> None:
    """Note what is wrong, in plain words that say what to do."""
    _note(channel_id, last_error_at=now, error=error)


def _note(channel_id: int, **columns: object) -> None:
    if not ChannelHealth.objects.filter(pk=channel_id).update(**columns):
        ChannelHealth.objects.update_or_create(pk=channel_id, defaults=columns)
