"""Keep what somebody is waiting to see: journalled first, then read at once."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from channels_ingest.actions.journal import Handed, Recorded, record_batch
from channels_ingest.drain import drain_at_once
from channels_ingest.straight import keep_and_show
from helpdesk.core.bells import INGEST, SEARCH
from helpdesk.core.doorbell import held, need_not_ring
from inbox.models import Channel

logger = logging.getLogger(__name__)


def hand_in(
    *,
    channel: Channel,
    source: str,
    raw: bytes,
    dedupe_key: str,
    headers: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Recorded:
    """Keep a chat message for ever, and put it on its timeline in this very process.

    It is on disk when this returns, whatever else happens. While somebody else reads
    the channel, or when reading fails, a worker is rung for and reads it a bit later.

    :param channel: with its brand, as it was read a moment ago
    """
    handed = Handed(
        channel_id=channel.pk,
        source=source,
        raw=raw,
        dedupe_key=dedupe_key,
        headers=headers or {},
    )
    # What is said in a chat is read now and looked for later: the sweep makes it so.
    with held(INGEST), held(SEARCH):
        recorded = _shown(handed, channel=channel, now=now or timezone.now())
        if recorded is not None:
            need_not_ring(SEARCH)
            return recorded
        [recorded] = record_batch(handed=[handed], now=now)
        if recorded.is_new and _is_read(channel, now=now):
            need_not_ring(INGEST)
            need_not_ring(SEARCH)
    return recorded


def _shown(handed: Handed, *, channel: Channel, now: datetime) -> Recorded | None:
    try:
        return keep_and_show(handed, channel=channel, now=now)
    except Exception:
        # It is kept next, if it is not yet, whatever was wrong with showing it.
        logger.exception("channel %s: not shown at once", channel.pk)
        return None


def _is_read(channel: Channel, *, now: datetime | None) -> bool:
    try:
        return drain_at_once(channel=channel, now=now)
    except Exception:
        # It is kept, and that was promised: whatever is wrong, a worker tries again.
        logger.exception("channel %s not read at once", channel.pk)
        return False
