"""The rehearsal of a clock that is set: R10's jumps of an hour."""

import time
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Max, Min, QuerySet

from channels_ingest.models import InboundEvent
from helpdesk.rehearsal.chaos.clock import Clock
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.load import Load, under_load
from helpdesk.rehearsal.chaos.rehearsals import RECOVER_SECONDS
from helpdesk.rehearsal.chaos.stage import Stage, seconds_to_heal, settle, wait_until
from inbox.models import Channel, Delivery, TimelineItem

CUSTOMERS = 8
HOUR = 3600
UNDO_SECONDS = 2
"""So that answers wait for their time whenever the clock jumps."""
PART_SECONDS, MOST_SECONDS = 3, 15
JUMPS = {"clock an hour forward": HOUR, "clock two hours back": -HOUR}
FAR_APART = timedelta(hours=2) - timedelta(minutes=1)
TOLERANCE_SECONDS = 60


def clock_jumps(stage: Stage) -> Ledger:
    """R10: the clock jumps an hour forward, then two hours back, under load."""
    assert stage.clock is not None
    ledger = Ledger(
        test="R10 clock jump",
        size=f"{CUSTOMERS} customers, {UNDO_SECONDS} s undo time, +1 h, then -2 h",
    )
    seconds_to_heal(stage, since=time.monotonic())  # the desk has only just started
    Channel.objects.filter(pk=stage.channel.pk).update(undo_seconds=UNDO_SECONDS)
    with under_load(stage, customers=CUSTOMERS, answers_in_browser=True) as load:
        for name, ahead in JUMPS.items():
            _until_answered(load)
            stage.clock.set(ahead_seconds=ahead)
            ledger.faults[name] = 1
        last = time.monotonic()
        _until_answered(load)
    ledger.note_healing(seconds_to_heal(stage, since=last), within=RECOVER_SECONDS)
    _note_quiet(ledger, since=last)
    load.enter_into(ledger, door_stays_open=True)
    _expect_jumps(ledger, load, clock=stage.clock)
    return ledger


def _until_answered(load: Load) -> None:
    """Let some time pass, and on a slow machine more, until the agent has answered."""
    before = len(load.agent.promised)
    time.sleep(PART_SECONDS)
    wait_until(
        lambda: len(load.agent.promised) > before, seconds=MOST_SECONDS - PART_SECONDS
    )


def _note_quiet(ledger: Ledger, *, since: float) -> None:
    is_quiet = settle()
    seconds = time.monotonic() - since
    if not is_quiet or seconds > RECOVER_SECONDS:
        ledger.problems.append(f"something still waited {seconds:.0f} s after it")
    ledger.notes.append(f"nothing waited any more after {seconds:.1f} s")


def _expect_jumps(ledger: Ledger, load: Load, *, clock: Clock) -> None:
    """Make sure that every part of the desk lived through the jumps."""
    went_by_it = {**_what_was_written(load), **_servers(clock)}
    for name, is_so in went_by_it.items():
        if not is_so:
            ledger.problems.append(f"the clock of {name} did not jump")
    ledger.notes.append(f"clocks that jumped: {', '.join(went_by_it)}")


def _what_was_written(load: Load) -> dict[str, bool]:
    """Return by program whether it wrote down times as far apart as the jumps."""
    mails = InboundEvent.objects.filter(pk__gt=load.since)
    answers = list(load.agent.promised)
    items = TimelineItem.objects.filter(pk__in=answers)
    deliveries = Delivery.objects.filter(pk__in=answers)
    return {
        "mail": _is_far_apart(mails, "received_at"),
        "pages": _is_far_apart(items, "received_at"),
        "worker": _is_far_apart(deliveries, "sent_at"),
    }


def _is_far_apart(rows: QuerySet[Any], moment: str) -> bool:
    ends = rows.aggregate(first=Min(moment), last=Max(moment))
    return bool(ends["first"] and ends["last"] - ends["first"] > FAR_APART)


def _servers(clock: Clock) -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        postgres = float(cursor.fetchone()[0])
    valkey: Any = redis.Redis.from_url(settings.REDIS_URL).time()
    seconds = {"PostgreSQL": postgres, "Valkey": float(valkey[0])}
    return {
        name: abs(second - time.time() - clock.ahead_seconds) < TOLERANCE_SECONDS
        for name, second in seconds.items()
    }
