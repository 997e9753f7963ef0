"""All rehearsals, one after another, within seven minutes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import Error

from helpdesk.rehearsal.chaos.agents import forget_connection
from helpdesk.rehearsal.chaos.jumps import clock_jumps
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.live_chats import chats_broken, chats_through_deployments
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

LONGEST_SECONDS = 420
STOP_SECONDS = 10
"""What ending the desk may take at the end."""
START_SECONDS = 10
"""What starting a second one takes."""
OUT_OF_TIME = "the seven minutes were over"


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
    Part(rehearse=chats_broken, seconds=45),
    Part(rehearse=chats_through_deployments, seconds=40),
)
OWN_CLOCK_PARTS = (Part(rehearse=clock_jumps, seconds=16),)
"""Those of a desk that goes by a clock of its own."""


def chosen(parts: Sequence[Part], *, only: str) -> list[Part]:
    """Return the parts with these letters in their names."""
    return [part for part in parts if only in part.rehearse.__name__]


def is_out_of_time(part: Part, *, started: float, before: float = 0) -> bool:
    """Whether it would end too late if it began `before` seconds from now."""
    end = started + LONGEST_SECONDS - STOP_SECONDS
    return time.monotonic() + before + part.seconds > end


def run_all(
    parts: Sequence[Part],
    stage: Stage,
    *,
    say: Callable[[str], None],
    started: float,
) -> list[Ledger]:
    """Rehearse one after another and return their books.

    `started` was the very beginning: what would not end in time is not begun.
    """
    ledgers = []
    for part in parts:
        if is_out_of_time(part, started=started):
            ledgers.append(out_of_time(part))
            continue
        ledger = _rehearse(part, stage)
        ledgers.append(ledger)
        say(f"  {ledger.test:<24}{_verdict(ledger):<12}{ledger.seconds:.0f} s")
    return ledgers


def out_of_time(part: Part) -> Ledger:
    return Ledger(test=part.rehearse.__name__, size="", problems=[OUT_OF_TIME])


def not_run(part: Part, reason: str) -> Ledger:
    return Ledger(test=part.rehearse.__name__, size="", not_run=reason)


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
