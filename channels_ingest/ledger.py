"""The nightly books: what came in against what became of it, channel by channel."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from channels_ingest.models import LedgerDay

logger = logging.getLogger(__name__)

DAYS_CHECKED = 7

_COUNT = """
SELECT channel_id,
    count(*),
    count(*) FILTER (WHERE state = 'done'),
    count(*) FILTER (WHERE state = 'duplicate'),
    count(*) FILTER (WHERE state = 'ignored'),
    count(*) FILTER (WHERE state = 'quarantined'),
    count(*) FILTER (WHERE state = 'discarded'),
    count(*) FILTER (WHERE state = 'new'),
    count(*) FILTER (WHERE state IN ('done', 'duplicate') AND NOT EXISTS (
        SELECT 1 FROM inbox_timelineitem AS item WHERE item.id = event.item_id)),
    count(*) FILTER (WHERE encode(sha256(raw), 'hex') <> sha256)
FROM channels_ingest_inboundevent AS event
WHERE received_at >= %s AND received_at < %s
GROUP BY channel_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the journal and the timeline say of one channel's day."""

    channel_id: int
    journalled: int = 0
    shown: int = 0
    duplicates: int = 0
    ignored: int = 0
    quarantined: int = 0
    discarded: int = 0
    waiting: int = 0
    missing_items: int = 0
    damaged: int = 0

    @property
    def accounted(self) -> int:
        """How many have an end that can be seen, or are still under way."""
        return (
            self.shown
            + self.duplicates
            + self.ignored
            + self.quarantined
            + self.discarded
            + self.waiting
            - self.missing_items
        )


def run_ledger(*, today: date | None = None) -> int:
    """Check the books of the last days; return how many do not add up."""
    today = today or timezone.now().astimezone(UTC).date()
    wrong = 0
    for back in range(1, DAYS_CHECKED + 1):
        for book in check_day(day=today - timedelta(days=back)):
            if book.difference or book.missing_items or book.damaged:
                wrong += 1
                logger.error(
                    "the books of channel %s on %s do not add up:"
                    " difference %s, missing %s, damaged %s",
                    book.channel_id,
                    book.day,
                    book.difference,
                    book.missing_items,
                    book.damaged,
                )
    return wrong


@transaction.atomic
def check_day(*, day: date) -> list[LedgerDay]:
    """Compare journal and timeline for one day, and write the result down.

    Rows that an earlier check had counted and that are gone make a difference, too.
    """
    counts = {count.channel_id: count for count in _counts(day)}
    earlier = {
        book.channel_id: book
        for book in LedgerDay.objects.select_for_update().filter(day=day)
    }
    return [
        _write(
            counts.get(channel_id, Count(channel_id=channel_id)),
            day=day,
            earlier=earlier.get(channel_id),
        )
        for channel_id in sorted(counts.keys() | earlier.keys())
    ]


def _counts(day: date) -> Sequence[Count]:
    start = datetime.combine(day, time.min, tzinfo=UTC)
    names = tuple(Count.__slots__)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [start, start + timedelta(days=1)])
        return [
            Count(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()
        ]


def _write(count: Count, *, day: date, earlier: LedgerDay | None) -> LedgerDay:
    most = max(count.journalled, earlier.journalled if earlier else 0)
    book, _ = LedgerDay.objects.update_or_create(
        channel_id=count.channel_id,
        day=day,
        defaults={
            **{
                name: getattr(count, name)
                for name in Count.__slots__
                if name != "channel_id"
            },
            # What was once journalled stays to be accounted for.
            "journalled": most,
            "difference": most - count.accounted,
            "checked_at": timezone.now(),
        },
    )
    return book
