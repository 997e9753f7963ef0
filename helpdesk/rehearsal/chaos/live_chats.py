"""R1 and R3 for live chats, and what only chats have: bad lines and deployments."""

import time
from collections.abc import Callable

from helpdesk.rehearsal.chaos.bad_line import Weather
from helpdesk.rehearsal.chaos.chats import VISITORS, Chats, chats_over_a_bad_line
from helpdesk.rehearsal.chaos.faults import ROLES, Faults
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.stage import Stage, settle

CUT_SECONDS = 2.0
PAUSE_SECONDS = 2.0
DEPLOYMENTS = 2
_WHO = f"{VISITORS} visitors over a line that drops, delays and doubles, 1 agent"


def chats_broken(stage: Stage) -> Ledger:
    """Each process dies, the line goes dead both ways, Valkey and PostgreSQL fall."""
    ledger = Ledger(
        test="live chats", size=f"{_WHO}; each process killed once, both servers"
    )
    faults = Faults(stage.installation, stage.chance)
    _rehearse(stage, ledger, faults, lambda chats: _break(chats, faults))
    if faults.done.total() < len(ROLES):
        ledger.problems.append(f"harm was done {faults.done.total()} times")
    return ledger


def chats_through_deployments(stage: Stage) -> Ledger:
    """The desk is stopped and started again twice, as a new version would be."""
    ledger = Ledger(test="chats, deployed twice", size=_WHO)
    faults = Faults(stage.installation, stage.chance)
    _rehearse(stage, ledger, faults, lambda chats: _deploy(stage, faults))
    return ledger


def _rehearse(
    stage: Stage, ledger: Ledger, faults: Faults, harm: Callable[[Chats], None]
) -> None:
    with chats_over_a_bad_line(stage) as chats:
        time.sleep(PAUSE_SECONDS)
        harm(chats)
        time.sleep(PAUSE_SECONDS)
        chats.stop_writing.set()
        settle()
        chats.enter_into(ledger)
    ledger.faults = dict(faults.done)


def _break(chats: Chats, faults: Faults) -> None:
    for role in ROLES:
        if faults.kill_one(role):
            time.sleep(PAUSE_SECONDS)
    for weather in (Weather.CUT, Weather.DEAF, Weather.MUTE):
        chats.change(weather)
        time.sleep(CUT_SECONDS)
        chats.change(Weather.ROUGH)
        time.sleep(PAUSE_SECONDS)
    faults.flush_valkey()
    time.sleep(PAUSE_SECONDS)
    faults.kill_valkey()
    faults.wait_for_valkey()
    time.sleep(PAUSE_SECONDS)
    faults.kill_postgres()
    time.sleep(PAUSE_SECONDS)


def _deploy(stage: Stage, faults: Faults) -> None:
    for _ in range(DEPLOYMENTS):
        stage.installation.stop()
        stage.installation.start()
        faults.done["deployed"] += 1
        time.sleep(PAUSE_SECONDS)
