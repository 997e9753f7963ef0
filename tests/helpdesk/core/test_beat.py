from datetime import timedelta

import pytest
from celery import Celery

from helpdesk.core.beat import SteadyScheduler

NOON = "2026-11-22T12:00Z"


@pytest.fixture
def app():
    app = Celery("schedule", broker="memory://", set_as_current=False)
    app.conf.timezone = "UTC"
    app.conf.task_ignore_result = True
    app.conf.beat_schedule = {"sweep": {"task": "sweep", "schedule": 2.0}}
    return app


@pytest.fixture
def scheduler(app, tmp_path, time_machine):
    time_machine.move_to(NOON, tick=False)
    found = SteadyScheduler(app, schedule_filename=str(tmp_path / "schedule"))
    yield found
    found.close()


def run(scheduler):
    """Tick until nothing is due; return how often something ran."""
    entry = scheduler.schedule["sweep"]
    before = entry.total_run_count
    while not scheduler.tick():
        pass
    return scheduler.schedule["sweep"].total_run_count - before


class TestSteadyScheduler:
    def test_goes_on_when_the_clock_is_set_back(self, scheduler, time_machine):
        run(scheduler)
        time_machine.shift(timedelta(seconds=3))
        assert run(scheduler) == 1

        time_machine.shift(timedelta(hours=-2))
        run(scheduler)
        time_machine.shift(timedelta(seconds=3))

        assert run(scheduler) == 1

    def test_goes_on_after_a_start_with_a_clock_that_was_set_back(
        self, app, tmp_path, time_machine
    ):
        time_machine.move_to(NOON, tick=False)
        earlier = SteadyScheduler(app, schedule_filename=str(tmp_path / "schedule"))
        time_machine.shift(timedelta(seconds=3))
        run(earlier)
        earlier.close()

        time_machine.shift(timedelta(hours=-2))
        later = SteadyScheduler(app, schedule_filename=str(tmp_path / "schedule"))
        run(later)
        time_machine.shift(timedelta(seconds=3))

        assert run(later) == 1
        later.close()

    def test_runs_once_when_the_clock_jumps_forward(self, scheduler, time_machine):
        run(scheduler)

        time_machine.shift(timedelta(hours=1))

        assert run(scheduler) == 1
