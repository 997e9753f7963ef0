"""The clock of the schedule, which goes on when the machine's clock is set back."""

from datetime import datetime, timedelta
from typing import Any

from celery.beat import PersistentScheduler

SLACK = timedelta(seconds=5)


class SteadyScheduler(PersistentScheduler):
    """Runs what is due even if it ran last at a time that is still to come.

    Celery would wait until the clock shows that time again, and nothing would be swept
    for as long as the clock was set back.
    """

    def tick(self, *args: Any, **options: Any) -> float:
        """Run what is due and return the seconds until it is worth another look."""
        ahead = [entry for entry in self.schedule.values() if _is_ahead(entry)]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            self._heap = None  # made anew from the entries
        return float(super().tick(*args, **options))


def _is_ahead(entry: Any) -> bool:
    now: datetime = entry.default_now()
    return bool(entry.last_run_at > now + SLACK)
