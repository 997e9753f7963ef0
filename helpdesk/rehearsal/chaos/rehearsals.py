"""Rehearsals under load: R1, R2, R3, R4 and R6 for mail."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from helpdesk.core.crash_points import STEPS
from helpdesk.rehearsal.chaos.faults import Faults
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.load import CUSTOMERS, SERVERS, under_load
from helpdesk.rehearsal.chaos.onlookers import onlookers
from helpdesk.rehearsal.chaos.stage import Stage, seconds_to_heal, settle, wait_until

HEAL_SECONDS = 5
RECOVER_SECONDS = 30
START_SECONDS = 60
"""Until many processes that were killed at once have started, on a busy machine."""
TRAP_SECONDS = 30
KILLS = 12
VALKEY_DEATHS = 3
SLOW_SERVER_SECONDS = 0.25
_WHO = f"{CUSTOMERS} customers, {SERVERS} mail servers, 1 agent"


def processes_killed(stage: Stage) -> Ledger:
    """R1: any process of ours dies at random moments."""
    ledger = Ledger(test="R1 processes killed", size=f"{_WHO}; {KILLS} times kill -9")
    _under_harm(
        stage,
        ledger,
        Faults.kill_any_process,
        times=KILLS,
        every_seconds=2,
        heal_within=START_SECONDS,
    )
    return ledger


def crashed_at_every_step(stage: Stage) -> Ledger:
    """R6: the process ends at each named step, as a power cut would end it."""
    lines = [
        [step for step in STEPS if step.startswith(part)]
        for part in ("journal.", "drain.", "deliver.")
    ]
    ledger = Ledger(
        test="R6 every step",
        size=f"{_WHO}; a death at each of {sum(map(len, lines))} steps",
    )
    with under_load(stage) as load, ThreadPoolExecutor(len(lines)) as pool:
        list(pool.map(lambda line: _die_at_each(stage, line, ledger), lines))
        last = time.monotonic()
    ledger.note_healing(seconds_to_heal(stage, since=last), within=START_SECONDS)
    settle()
    load.enter_into(ledger)
    return ledger


def _die_at_each(stage: Stage, steps: Sequence[str], ledger: Ledger) -> None:
    for step in steps:
        trap = stage.traps / step
        trap.touch()
        if wait_until(lambda it=trap: not it.exists(), seconds=TRAP_SECONDS):  # type: ignore[misc]
            ledger.faults[step] = ledger.faults.get(step, 0) + 1
        else:
            trap.unlink(missing_ok=True)
            ledger.problems.append(f"nobody came to {step} within {TRAP_SECONDS} s")


def postgres_killed(stage: Stage) -> Ledger:
    """R2: the postmaster is killed under load."""
    ledger = Ledger(test="R2 PostgreSQL killed", size=f"{_WHO}; 3 times kill -9")
    _under_harm(
        stage,
        ledger,
        Faults.kill_postgres,
        times=3,
        every_seconds=5,
        door_stays_open=True,
    )
    return ledger


def valkey_lost(stage: Stage) -> Ledger:
    """R3: Valkey is killed and emptied; what is lost with it is nothing."""
    ledger = Ledger(
        test="R3 Valkey lost",
        size=f"{_WHO}; FLUSHALL and kill -9 in turn 6 times, "
        f"then {VALKEY_DEATHS} deaths to time the healing and 1 to write unheard",
    )
    with onlookers(stage) as watching:
        faults = _lose_valkey(stage, ledger)
        settle()
        # Now nothing moves, and nobody can be told of what changes next.
        faults.kill_valkey()
        watching.change_what_they_look_at(author=stage.agent)
        faults.wait_for_valkey()
        watching.enter_into(ledger)
    ledger.faults = dict(faults.done)
    return ledger


def _lose_valkey(stage: Stage, ledger: Ledger) -> Faults:
    turns = iter([Faults.flush_valkey, Faults.kill_valkey] * 3)
    faults = _under_harm(
        stage,
        ledger,
        lambda faults: next(turns)(faults),
        times=6,
        every_seconds=2,
        door_stays_open=True,
    )
    for _ in range(VALKEY_DEATHS):
        killed_at = time.monotonic()
        faults.kill_valkey()
        _note_worst(ledger, seconds_to_heal(stage, since=killed_at))
    return faults


def _note_worst(ledger: Ledger, seconds: float | None) -> None:
    worst = max(seconds or 0, ledger.healed_seconds or 0) if seconds else None
    ledger.note_healing(worst, within=HEAL_SECONDS)


def worker_frozen(stage: Stage) -> Ledger:
    """R4: a worker is stopped in the middle of sending, and comes back too late."""
    ledger = Ledger(
        test="R4 worker frozen",
        size=f"{_WHO}; a slow outgoing server, 3 freezes beyond the lease",
    )
    stage.sink.delay_seconds = SLOW_SERVER_SECONDS
    try:
        _under_harm(
            stage,
            ledger,
            Faults.freeze_a_worker,
            times=3,
            every_seconds=0.5,
            door_stays_open=True,
        )
    finally:
        stage.sink.delay_seconds = 0
    return ledger


def _under_harm(
    stage: Stage,
    ledger: Ledger,
    harm: Callable[[Faults], None],
    *,
    times: int,
    every_seconds: float,
    heal_within: float = RECOVER_SECONDS,
    door_stays_open: bool = False,
) -> Faults:
    """Do harm again and again under load; time the healing; write the books."""
    faults = Faults(stage.installation, stage.chance)
    with under_load(stage) as load:
        for _ in range(times):
            time.sleep(every_seconds)
            harm(faults)
        last = time.monotonic()
    ledger.note_healing(seconds_to_heal(stage, since=last), within=heal_within)
    settle()
    load.enter_into(ledger, door_stays_open=door_stays_open)
    ledger.faults = dict(faults.done)
    if faults.done.total() < times:
        ledger.problems.append(f"harm was done {faults.done.total()} times of {times}")
    return faults
