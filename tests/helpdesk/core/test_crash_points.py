import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from helpdesk.core.crash_points import STEPS, crash_point

GO_ON = "from helpdesk.core.crash_points import crash_point; crash_point('drain.read')"


def walk_over(traps):
    return subprocess.run(
        [sys.executable, "-c", GO_ON],
        cwd=settings.BASE_DIR,
        env={**os.environ, "TRIBUTARY_CRASH_TRAPS": str(traps)},
        check=False,
    ).returncode


class TestCrashPoint:
    def test_does_nothing_where_no_rehearsal_runs(self):
        for step in STEPS:
            crash_point(step)

    def test_ends_the_first_process_that_comes_to_a_trap(self, tmp_path):
        (tmp_path / "drain.read").touch()

        assert walk_over(tmp_path) == 137
        assert walk_over(tmp_path) == 0

    def test_lets_pass_where_the_trap_is_for_another_step(self, tmp_path):
        (tmp_path / "drain.claimed").touch()

        assert walk_over(tmp_path) == 0

    @pytest.mark.parametrize("step", STEPS)
    def test_stands_somewhere_in_the_product(self, step):
        sources = [
            *(settings.BASE_DIR / "channels_ingest").rglob("*.py"),
            *(settings.BASE_DIR / "helpdesk" / "chat").rglob("*.py"),
            *(settings.BASE_DIR / "helpdesk" / "api").rglob("*.py"),
        ]

        assert any(
            re.search(rf'crash_point,? ?\(?"{step}"', each.read_text())
            for each in sources
        )
