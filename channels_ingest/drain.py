"""Read what the journal holds and put it where it belongs.

One process reads one channel at a time, under a lock of the database, and in the
order in which the input came: so order holds inside every conversation, across its
senders too. The lock ends with its owner, however it ends. The reading itself, which
costs the most, is done by several children at once.
"""

import contextlib
import logging
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from channels_ingest.accounts import account_of
from channels_ingest.actions.claiming import (
    BATCH,
    DIED_OFTEN,
    Claimed,
    channels_with_new,
    claim_ahead,
    claim_fresh,
    claim_retry,
    fail,
    set_back,
)
from channels_ingest.actions.health import note_inbound, note_inbound_often
from channels_ingest.base import Account
from channels_ingest.intake import Reading, raw_input_of, take_in, with_files
from channels_ingest.models import MAX_ATTEMPTS
from channels_ingest.reading_child import Outcome, read
from channels_ingest.reading_pool import (
    FIRST_SECONDS,
    RETRY_SECONDS,
    ReadingPool,
    shared_pool,
)
from channels_ingest.registry import adapter_class
from channels_ingest.sole_reader import is_alive, sole_reader
from helpdesk.core.bells import SEARCH
from helpdesk.core.crash_points import crash_point
from helpdesk.core.database_trouble import is_trouble_of_all
from helpdesk.core.doorbell import held
from helpdesk.core.files import delete_file
from inbox.models import Channel

logger = logging.getLogger(__name__)

TAKE_IN_TOGETHER = 50
LONGEST_SILENCE = 10.0
LONGEST_WAIT = 1.0
"""Seconds that somebody who handed in a chat message waits for whoever reads now."""
NOT_STORED = "It was read, but could not be put on the timeline."


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
    # What has come is shown first and made findable then.
    with held(SEARCH):
        for channel_id in channels_with_new(now=now or timezone.now()):
            total += drain_channel(channel_id=channel_id, pool=pool, now=now)
    pool.let_rest()
    return total


def drain_channel(
    *, channel_id: int, pool: ReadingPool, now: datetime | None = None
) -> int:
    """Read what waits in one channel, unless another process is at it already."""
    total = 0
    while channel_id in channels_with_new(now=now or timezone.now()):
        with sole_reader(channel_id) as is_ours:
            if not is_ours:
                return total
            handled = _drain_locked(channel_id=channel_id, pool=pool, now=now)
        total += handled
        if not handled:
            return total
        # Whoever found the lock taken has left the rest to us: look once more.
    return total


def drain_at_once(*, channel: Channel, now: datetime | None = None) -> bool:
    """Read what just came by chat here and now, together with what others handed in.

    Whoever waits for the reader before them mostly finds that their own was read as
    well. One batch and no more, for somebody waits for it. Returns whether it was
    read; if not, whoever rings the bell leaves it to a worker.
    """
    with sole_reader(channel.pk, wait_seconds=LONGEST_WAIT) as is_ours:
        if not is_ours:
            return False
        claimed = claim_fresh(channel_id=channel.pk, now=now or timezone.now())
        if claimed:
            work = _work_on(channel, pool=None, now=now)
            if work.finish(work.begin(claimed)):
                note_inbound_often(channel_id=channel.pk, now=work.now)
    return len(claimed) < BATCH


def _work_on(
    channel: Channel, *, pool: ReadingPool | None, now: datetime | None
) -> "_Work":
    return _Work(
        channel=channel,
        account=account_of(channel),
        pool=pool,
        session=connection.connection,
        told_at=now,
    )


def _drain_locked(*, channel_id: int, pool: ReadingPool, now: datetime | None) -> int:
    channel = Channel.objects.select_related("brand").get(pk=channel_id)
    work = _work_on(channel, pool=pool, now=now)
    total = 0
    batch = work.begin(claim_fresh(channel_id=channel_id, now=work.now))
    while True:
        # The children read the next batch while this one is put on timelines.
        ahead = work.begin(
            claim_ahead(channel_id=channel_id, held=batch.claimed, now=work.now)
        )
        try:
            handled = work.finish(batch) + work.retry_one()
        except BaseException:
            work.release(ahead.claimed)
            raise
        total += handled
        batch = ahead
        if batch.is_empty:
            batch = work.begin(claim_fresh(channel_id=channel_id, now=work.now))
        if batch.is_empty and not handled:
            break
    if total:
        note_inbound(channel_id=channel_id, now=work.now)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Inputs that are being read, and what comes of them, in their order."""

    claimed: Sequence[Claimed] = ()
    results: Iterator[Reading | Failure] = field(default_factory=lambda: iter(()))
    set_aside: int = 0
    """Others that had had all their tries."""

    @property
    def is_empty(self) -> bool:
        return not self.claimed and not self.set_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """Reading one channel, as its sole reader."""

    channel: Channel
    account: Account
    pool: ReadingPool | None
    """None where only what we wrote ourselves is read."""
    session: object
    """The database session that holds the channel's lock."""
    told_at: datetime | None = None

    @property
    def now(self) -> datetime:
        return self.told_at or timezone.now()

    def begin(
        self, claimed: Sequence[Claimed], *, seconds: float = FIRST_SECONDS
    ) -> _Batch:
        """Have the children read; those that had all their tries are set aside."""
        if claimed:
            crash_point("drain.claimed")
        able = [one for one in claimed if one.attempts <= MAX_ATTEMPTS]
        for one in claimed:
            if one.attempts > MAX_ATTEMPTS:
                fail(claimed=one, reason=DIED_OFTEN, is_final=True, now=self.now)
        return _Batch(
            claimed=able,
            results=self._read(able, seconds=seconds),
            set_aside=len(claimed) - len(able),
        )

    def finish(self, batch: _Batch) -> int:
        """Put what was read on timelines; return how many inputs are dealt with."""
        done = 0
        try:
            for part in _parts(batch.results):
                self._take_in(part)
                crash_point("drain.taken_in")
                done += len(part)
        except BaseException:
            self.release(batch.claimed[done:])
            raise
        return done + batch.set_aside

    def release(self, claimed: Sequence[Claimed]) -> None:
        """Give back what was not tried, if it is still ours to give."""
        with contextlib.suppress(DatabaseError, InterfaceError):
            if is_alive(self.session):
                set_back(claimed=claimed)

    def retry_one(self) -> int:
        """Try one input again that could not be read before, if any is due."""
        claimed = claim_retry(channel_id=self.channel.pk, now=self.now)
        return self.finish(self.begin(claimed, seconds=RETRY_SECONDS))

    def _read(
        self, claimed: Sequence[Claimed], *, seconds: float
    ) -> Iterator[Reading | Failure]:
        def file(number: int, outcome: Outcome) -> Reading | Failure:
            if outcome.reason:
                return Failure(claimed=claimed[number], outcome=outcome)
            return with_files(claimed[number], outcome.events)

        inputs = [raw_input_of(one) for one in claimed]
        if self.pool is None or adapter_class(self.account.kind).reads_own_words:
            return (
                file(number, read(self.account, one))
                for number, one in enumerate(inputs)
            )
        return self.pool.read_all(self.account, inputs, seconds=seconds, then=file)

    def _take_in(self, part: Sequence[Reading | Failure]) -> None:
        readings = [one for one in part if isinstance(one, Reading)]
        crash_point("drain.read")
        try:
            take_in(channel=self.channel, readings=readings, now=self.now)
        except Exception as error:
            if not is_alive(self.session) or is_trouble_of_all(error):
                raise
            logger.warning("channel %s: one by one", self.channel.pk, exc_info=True)
            for reading in readings:
                self._take_in_alone(reading)
        for failure in part:
            if isinstance(failure, Failure):
                _note_failure(failure, now=self.now)

    def _take_in_alone(self, reading: Reading) -> None:
        try:
            take_in(channel=self.channel, readings=[reading], now=self.now)
        except Exception as error:
            # One that cannot be stored must not keep the others from being shown.
            if not is_alive(self.session) or is_trouble_of_all(error):
                raise
            logger.exception("input %s not taken in", reading.claimed.event_id)
            for stored_name in reading.files:
                delete_file(stored_name)
            fail(
                claimed=reading.claimed,
                reason=NOT_STORED,
                traceback=traceback.format_exc(),
                now=self.now,
            )


def _parts(
    results: Iterable[Reading | Failure],
) -> Iterator[list[Reading | Failure]]:
    """Split what is read, so that the database hears from us often enough."""
    part: list[Reading | Failure] = []
    until = time.monotonic() + LONGEST_SILENCE
    for result in results:
        part.append(result)
        if len(part) >= TAKE_IN_TOGETHER or time.monotonic() > until:
            yield part
            part, until = [], time.monotonic() + LONGEST_SILENCE
    if part:
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
