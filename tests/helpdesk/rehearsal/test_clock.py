import subprocess
import sys
import time

import pytest

from helpdesk.rehearsal.chaos.clock import Clock, find_library, own_clock

HOUR = 3600
ASK = """
import time
start = time.monotonic()
time.sleep(0.05)
print(time.time(), time.monotonic() - start)
"""


@pytest.mark.skipif(find_library() is None, reason="libfaketime is not installed")
class TestClock:
    @pytest.mark.parametrize("ahead", [0, HOUR, -HOUR])
    def test_is_what_a_process_goes_by_while_its_seconds_stay_as_long(
        self, tmp_path, ahead
    ):
        clock, reason = own_clock(tmp_path)
        assert isinstance(clock, Clock), reason
        clock.set(ahead_seconds=ahead)

        said = subprocess.run(
            [sys.executable, "-c", ASK],
            check=True,
            capture_output=True,
            text=True,
            env=clock.environment,
        ).stdout

        moment, slept = map(float, said.split())
        assert moment - time.time() == pytest.approx(ahead, abs=60)
        assert 0.05 <= slept < 30


def test_says_why_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr("helpdesk.rehearsal.chaos.clock.FOLDERS", ())

    clock, reason = own_clock(tmp_path)

    assert clock is None
    assert "libfaketime" in reason
