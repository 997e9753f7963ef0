"""Claim pending outbox rows in batches and run their subscribers."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import SystemRandom

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from helpdesk.core.bells import OUTBOX
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import restore
from helpdesk.core.models import OutboxEvent

logger = logging.getLogger(__name__)

BATCH = 100
MAX_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(hours=1)
_random = SystemRandom()


def relay_batch(*, now: datetime | None = None, limit: int = BATCH) -> int:
    """Run up to `limit` pending rows, each in a savepoint; return how many ran.

    Safe to call from any number of processes: rows are claimed with SKIP LOCKED, and
    the claim, the subscriber's writes and the done mark share one transaction.
    """
    now = now or timezone.now()
    with transaction.atomic():
        rows = list(
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(_is_its_time(now), done_at=None, failed_at=None)
            .order_by("run_at", "id")[:limit]
        )
        for row in rows:
            _run(row, now=now)
        _write(rows, now=now)
    return len(rows)


def _is_its_time(now: datetime) -> Q:
    """A first try waits for no time of day: clocks may be set back."""
    return Q(attempts=0) | Q(run_at__lte=now)


def _write(rows: Sequence[OutboxEvent], *, now: datetime) -> None:
    """Note what became of the rows: of most, only that they are done."""
    done = [row.pk for row in rows if row.done_at is not None]
    OutboxEvent.objects.filter(pk__in=done).update(
        done_at=now, attempts=F("attempts") + 1, error=""
    )
    for row in rows:
        if row.done_at is None:
            row.save(update_fields=["failed_at", "attempts", "run_at", "error"])


def relay_all(*, now: datetime | None = None) -> int:
    """Run batches until nothing is pending; return how many rows ran."""
    total = 0
    while count := relay_batch(now=now):
        total += count
    return total


def _run(row: OutboxEvent, *, now: datetime) -> None:
    row.attempts += 1
    try:
        with transaction.atomic():
            import_string(row.subscriber)(restore(row))
    except Exception as error:
        # One subscriber's failure must not stop the next; the row keeps the reason.
        logger.exception("outbox event %s failed in %s", row.pk, row.subscriber)
        row.error = f"{type(error).__name__}: {error}"[:2000]
        _postpone(row, now=now)
    else:
        row.done_at = now
        row.error = ""


def _postpone(row: OutboxEvent, *, now: datetime) -> None:
    if row.attempts >= MAX_ATTEMPTS:
        row.failed_at = now
        return
    longest = min(timedelta(seconds=2**row.attempts), LONGEST_PAUSE)
    row.run_at = now + _random.random() * longest


@transaction.atomic
def run_again(*, event_ids: Sequence[int], now: datetime | None = None) -> int:
    """Give rows that are not done all their attempts anew; return how many."""
    rows = OutboxEvent.objects.filter(pk__in=event_ids, done_at=None)
    count = rows.update(failed_at=None, attempts=0, run_at=now or timezone.now())
    if count:
        ring_after_commit(OUTBOX)
    return count


def prune(*, before: datetime) -> int:
    """Delete rows that were done before `before`; return how many."""
    deleted, _ = OutboxEvent.objects.filter(done_at__lt=before).delete()
    return deleted
