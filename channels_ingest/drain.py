"""Read what the journal holds and put it where it belongs.

One process reads one channel at a time, under a lock of the database, and in the
order in which the input came: so order holds inside every conversation, across its
senders too. The lock ends with its owner, however it ends. The reading itself, which
costs the most, is done by several children at once.
"""

import contextlib
import logging
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from channels_ingest.accounts import account_of
from channels_ingest.actions.claiming import (
    DIED_OFTEN,
    Claimed,
    channels_with_new,
    claim_fresh,
    claim_retry,
    fail,
    set_back,
)
from channels_ingest.actions.health import note_inbound
from channels_ingest.base import Account, RawInput
from channels_ingest.intake import Reading, take_in, with_files
from channels_ingest.models import MAX_ATTEMPTS
from channels_ingest.reading_child import Outcome
from channels_ingest.reading_pool import (
    FIRST_SECONDS,
    RETRY_SECONDS,
    ReadingPool,
    shared_pool,
)
from helpdesk.core.crash_points import crash_point
from helpdesk.core.files import delete_file
from inbox.models import Channel

logger = logging.getLogger(__name__)

TAKE_IN_TOGETHER = 50
IDLE_SECONDS = 60
"""PostgreSQL ends the session of a reader that stands still for so long.

With the session ends its lock: another one takes over, and a reader that wakes up
again later can write nothing any more.
"""
NOT_STORED = "It was read, but could not be put on the timeline."
_LOCKS = 0x7472_6962
"""The first half of the advisory locks of channels being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one input gave nothing."""

    claimed: Claimed
    outcome: Outcome


def drain_all(*, pool: ReadingPool | None = None, now: datetime | None = None) -> int:
    """Read whatever waits in any channel; return how many inputs were handled.

    `now` is when it happens, if that is not at this moment: a story can be told.
    """
    pool = pool or shared_pool()
    total = 0
    for channel_id in channels_with_new(now=now or timezone.now()):
        total += drain_channel(channel_id=channel_id, pool=pool, now=now)
    return total


def drain_channel(
    *, channel_id: int, pool: ReadingPool, now: datetime | None = None
) -> int:
    """Read what waits in one channel, unless another process is at it already."""
    total = 0
    while channel_id in channels_with_new(now=now or timezone.now()):
        with _sole_reader(channel_id) as is_ours:
            if not is_ours:
                return total
            total += _drain_locked(channel_id=channel_id, pool=pool, now=now)
        # Whoever found the lock taken has left the rest to us: look once more.
    return total


@contextlib.contextmanager
def _sole_reader(channel_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, channel_id])
        if not cursor.fetchone()[0]:
            yield False
            return
        _limit_idling(IDLE_SECONDS)
    try:
        yield True
    finally:
        # A connection that broke has taken its lock along.
        if connection.connection is not None and connection.is_usable():
            _limit_idling(0)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, channel_id]
                )


def _limit_idling(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET idle_session_timeout = '{seconds:d}s';"
            f"SET idle_in_transaction_session_timeout = '{seconds:d}s'"
        )


def _drain_locked(*, channel_id: int, pool: ReadingPool, now: datetime | None) -> int:
    channel = Channel.objects.select_related("brand").get(pk=channel_id)
    account = account_of(channel)
    total = 0
    while True:
        fresh = claim_fresh(channel_id=channel_id, now=now or timezone.now())
        retry = claim_retry(channel_id=channel_id, now=now or timezone.now())
        if not fresh and not retry:
            break
        work = _Work(channel=channel, account=account, pool=pool, told_at=now)
        work.handle(fresh, seconds=FIRST_SECONDS)
        work.handle(retry, seconds=RETRY_SECONDS)
        total += len(fresh) + len(retry)
    if total:
        note_inbound(channel_id=channel_id, now=now or timezone.now())
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """Reading one channel, as its sole reader."""

    channel: Channel
    account: Account
    pool: ReadingPool
    told_at: datetime | None = None

    @property
    def now(self) -> datetime:
        return self.told_at or timezone.now()

    def handle(self, claimed: Sequence[Claimed], *, seconds: float) -> None:
        able = [one for one in claimed if one.attempts <= MAX_ATTEMPTS]
        for one in claimed:
            if one.attempts > MAX_ATTEMPTS:
                fail(claimed=one, reason=DIED_OFTEN, is_final=True, now=self.now)
        done = 0
        try:
            for part in _parts(self._read(able, seconds=seconds)):
                self._take_in(part)
                crash_point("drain.taken_in")
                done += len(part)
        except BaseException:
            _release(able[done:])
            raise

    def _read(
        self, claimed: Sequence[Claimed], *, seconds: float
    ) -> Iterator[Reading | Failure]:
        def file(number: int, outcome: Outcome) -> Reading | Failure:
            if outcome.reason:
                return Failure(claimed=claimed[number], outcome=outcome)
            return with_files(claimed[number], outcome.events)

        inputs = [_raw_input(one) for one in claimed]
        return self.pool.read_all(self.account, inputs, seconds=seconds, then=file)

    def _take_in(self, part: Sequence[Reading | Failure]) -> None:
        readings = [one for one in part if isinstance(one, Reading)]
        crash_point("drain.read")
        try:
            take_in(channel=self.channel, readings=readings, now=self.now)
        except Exception:
            _raise_if_database_is_away()
            logger.warning("channel %s: one by one", self.channel.pk, exc_info=True)
            for reading in readings:
                self._take_in_alone(reading)
        for failure in part:
            if isinstance(failure, Failure):
                _note_failure(failure, now=self.now)

    def _take_in_alone(self, reading: Reading) -> None:
        try:
            take_in(channel=self.channel, readings=[reading], now=self.now)
        except Exception:
            # One that cannot be stored must not keep the others from being shown.
            _raise_if_database_is_away()
            logger.exception("input %s not taken in", reading.claimed.event_id)
            for stored_name in reading.files:
                delete_file(stored_name)
            fail(
                claimed=reading.claimed,
                reason=NOT_STORED,
                traceback=traceback.format_exc(),
                now=self.now,
            )


def _raw_input(claimed: Claimed) -> RawInput:
    return RawInput(
        raw=claimed.raw,
        source=claimed.source,
        headers=claimed.headers,
        external_id=claimed.dedupe_key,
        received_at=claimed.received_at,
    )


def _parts(
    results: Iterable[Reading | Failure],
) -> Iterator[list[Reading | Failure]]:
    results = iter(results)
    while part := list(islice(results, TAKE_IN_TOGETHER)):
        yield part


def _note_failure(failure: Failure, *, now: datetime) -> None:
    outcome = failure.outcome
    logger.warning("input %s: %s", failure.claimed.event_id, outcome.reason)
    fail(
        claimed=failure.claimed,
        reason=outcome.reason,
        traceback=outcome.traceback,
        is_final=outcome.is_final,
        now=now,
    )


def _release(claimed: Sequence[Claimed]) -> None:
    """Give back what was not tried, as far as the database can be reached."""
    with contextlib.suppress(DatabaseError, InterfaceError):
        set_back(claimed=claimed)


def _raise_if_database_is_away() -> None:
    if connection.connection is None or not connection.is_usable():
        raise
