"""How long somebody waits for a first answer, from what really happened."""

from datetime import datetime, timedelta
from typing import Any, Final

import redis
from django.core.cache import cache
from django.db import connection

from inbox.models import Direction, Kind

DAYS: Final = 28
FEWEST: Final = 5
"""Of fewer conversations nothing is said."""
NEWEST: Final = 200
"""As many are looked at: the answer is about these days, and is never slow."""
CACHED_SECONDS: Final = 5 * 60

_MEDIAN = """
WITH recent AS (
  SELECT id FROM inbox_conversation
  WHERE channel_id = %(channel)s AND created_at >= %(since)s
  ORDER BY created_at DESC LIMIT %(newest)s
), first AS (
  SELECT item.conversation_id,
    min(item.received_at) FILTER (WHERE item.direction = %(inbound)s) AS asked_at,
    min(item.received_at) FILTER (WHERE item.direction = %(outbound)s
                                  AND item.agent_id IS NOT NULL) AS answered_at
  FROM inbox_timelineitem item JOIN recent ON recent.id = item.conversation_id
  WHERE item.kind = %(message)s GROUP BY item.conversation_id
)
SELECT count(*), percentile_cont(0.5)
  WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - asked_at))
FROM first WHERE answered_at > asked_at
"""


def reply_minutes(*, channel_id: int, now: datetime) -> int | None:
    """Return the usual wait on a channel in minutes; None if too little is known.

    Kept for five minutes.
    """
    key = f"chat-reply:{channel_id}"
    try:
        known = cache.get(key)
        if known is None:
            known = {"minutes": median_wait(channel_id=channel_id, now=now)}
            cache.set(key, known, CACHED_SECONDS)
    except redis.RedisError:
        return median_wait(channel_id=channel_id, now=now)
    minutes: int | None = known["minutes"]
    return minutes


def median_wait(*, channel_id: int, now: datetime) -> int | None:
    """Return the median of first answers of the last weeks, in whole minutes."""
    values: dict[str, Any] = {
        "channel": channel_id,
        "since": now - timedelta(days=DAYS),
        "newest": NEWEST,
        "inbound": Direction.INBOUND,
        "outbound": Direction.OUTBOUND,
        "message": Kind.MESSAGE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN, values)
        count, seconds = cursor.fetchone()
    if count < FEWEST:
        return None
    return max(1, -(-int(seconds) // 60))
