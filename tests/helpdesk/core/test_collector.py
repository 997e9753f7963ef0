import subprocess
import sys

import pytest

from helpdesk.core.collector import SELDOM

ASK = "import gc, {0}; print(gc.get_freeze_count() > 100_000, *gc.get_threshold())"


class TestCollectSeldom:
    @pytest.mark.parametrize("program", ["helpdesk.wsgi", "helpdesk.asgi"])
    def test_leaves_alone_what_a_program_has_loaded(self, program):
        found = subprocess.run(
            [sys.executable, "-c", ASK.format(program)],
            capture_output=True,
            text=True,
            check=True,
        )

        assert found.stdout.split() == ["True", *map(str, SELDOM)]
