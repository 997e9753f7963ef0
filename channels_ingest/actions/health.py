"""Remember when a channel last worked, and what is wrong with it now."""

from datetime import datetime

from channels_ingest.models import ChannelHealth


def note_inbound(*, channel_id: int, now: datetime) -> None:
    """Note that something came in, so whatever was wrong with fetching is over."""
    _note(channel_id, last_inbound_at=now, error="")


def note_outbound(*, channel_id: int, now: datetime) -> None:
    """Note that something left, so whatever was wrong with sending is over."""
    _note(channel_id, last_outbound_at=now, error="")


def note_trouble(*, channel_id: int, error: str, now: datetime) -> None:
    """Note what is wrong, in plain words that say what to do."""
    _note(channel_id, last_error_at=now, error=error)


def _note(channel_id: int, **columns: object) -> None:
    if not ChannelHealth.objects.filter(pk=channel_id).update(**columns):
        ChannelHealth.objects.update_or_create(pk=channel_id, defaults=columns)
