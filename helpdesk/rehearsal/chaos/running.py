"""All rehearsals, one after another, within five minutes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error

from helpdesk.rehearsal.chaos.agents import forget_connection
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.rehearsals import (
    crashed_at_every_step,
    postgres_killed,
    processes_killed,
    valkey_lost,
    worker_frozen,
)
from helpdesk.rehearsal.chaos.shortages import (
    connections_exhausted,
    disk_full,
    no_room_for_wal,
)
from helpdesk.rehearsal.chaos.stage import Stage
from helpdesk.rehearsal.chaos.storms import hostile_mail, same_id_at_once

LONGEST_SECONDS = 300
STOP_SECONDS = 10
"""What ending the desk may take at the end."""
OUT_OF_TIME = "the five minutes were over"
CLOCK = (
    "a clock jump of an hour: the clock belongs to the whole machine, and everything "
    "else on it would jump too (tests jump it for us)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A rehearsal, and the seconds it takes when little has to be waited for."""

    rehearse: Callable[[Stage], Ledger]
    seconds: float


PARTS = (
    Part(rehearse=same_id_at_once, seconds=8),
    Part(rehearse=disk_full, seconds=14),
    Part(rehearse=no_room_for_wal, seconds=16),
    Part(rehearse=connections_exhausted, seconds=12),
    Part(rehearse=postgres_killed, seconds=20),
    Part(rehearse=valkey_lost, seconds=20),
    Part(rehearse=worker_frozen, seconds=28),
    Part(rehearse=hostile_mail, seconds=12),
    Part(rehearse=crashed_at_every_step, seconds=30),
    Part(rehearse=processes_killed, seconds=35),
)


def run_all(
    stage: Stage, *, say: Callable[[str], None], started: float, only: str = ""
) -> list[Ledger]:
    """Run every rehearsal and return their books; `started` was the very beginning.

    With `only` just those with these letters in their names.
    """
    end = started + LONGEST_SECONDS - STOP_SECONDS
    ledgers = []
    for part in PARTS:
        name = part.rehearse.__name__
        if only not in name:
            continue
        if time.monotonic() + part.seconds > end:
            ledgers.append(Ledger(test=name, size="", problems=[OUT_OF_TIME]))
            continue
        ledger = _rehearse(part, stage)
        ledgers.append(ledger)
        say(f"  {ledger.test:<24}{_verdict(ledger):<12}{ledger.seconds:.0f} s")
    if not only:
        ledgers.append(Ledger(test="R10 clock jump", size="", not_run=CLOCK))
    return ledgers


def _rehearse(part: Part, stage: Stage) -> Ledger:
    started = time.monotonic()
    try:
        ledger = part.rehearse(stage)
    except Error as error:
        # The desk did not come back: nothing can be counted, and nothing is there.
        forget_connection()
        gone = f"the database is away for good: {str(error).partition(chr(10))[0]}"
        ledger = Ledger(test=part.rehearse.__name__, size="", problems=[gone])
    ledger.seconds = round(time.monotonic() - started, 1)
    return ledger


def _verdict(ledger: Ledger) -> str:
    if ledger.holds is None:
        return "not run"
    return "holds" if ledger.holds else "BROKEN"
