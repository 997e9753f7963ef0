"""How much memory the whole installation takes while nobody does anything."""

import time

import psutil

from helpdesk.rehearsal.bench.results import Result
from helpdesk.rehearsal.installation import Installation

IDLE_SECONDS = 15
GOAL_MB = 700


def measure_idle_memory(installation: Installation) -> list[Result]:
    """Add up the proportional memory of every process, shared pages counted once."""
    time.sleep(IDLE_SECONDS)
    total = sum(_proportional(process) for process in installation.processes())
    return [
        Result(
            name="idle_memory",
            value=round(total / 1e6, 1),
            unit="MB",
            goal=GOAL_MB,
            note=f"{len(installation.processes())} processes",
        )
    ]


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
