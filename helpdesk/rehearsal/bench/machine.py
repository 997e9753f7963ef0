"""How much of the processor somebody else had meanwhile.

On a rented machine the host gives our processors to its other guests, too; what a
page waits for then is no fault of the page.
"""

from pathlib import Path
from typing import NamedTuple

from helpdesk.rehearsal.bench.results import Result

_TIMES = Path("/proc/stat")


class _Times(NamedTuple):
    """Hundredths of seconds since the start, all processors together."""

    used: int
    stolen: int


class StolenTime:
    """Counts from when it is made."""

    def __init__(self) -> None:
        self._before = _read()

    def seconds(self) -> float:
        """Return the seconds of processors taken from us; 0 if unknown."""
        now = _read()
        if self._before is None or now is None:
            return 0.0
        return (now.stolen - self._before.stolen) / 100

    def result(self) -> list[Result]:
        """Return the share of the time we wanted and did not get; none if unknown."""
        now = _read()
        if self._before is None or now is None:
            return []
        used = now.used - self._before.used
        stolen = now.stolen - self._before.stolen
        return [
            Result(
                name="stolen_time",
                value=round(100 * stolen / max(1, used + stolen), 1),
                unit="% of CPU",
                goal=None,
                note="taken by the host's other guests; it lengthens all of the above",
            )
        ]


def _read() -> _Times | None:
    """Read the first line: user nice system idle iowait irq softirq steal …"""
    try:
        fields = _TIMES.read_text().splitlines()[0].split()[1:9]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, irq, softirq, stolen = map(int, fields)
    return _Times(used=user + nice + system + irq + softirq, stolen=stolen)
