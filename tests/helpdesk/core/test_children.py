import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from django.conf import settings

from helpdesk.core.children import spawn


class TestSpawn:
    def test_writes_what_the_child_says_to_the_log(self, tmp_path):
        child = spawn(["echo", "hello"], log=tmp_path / "log" / "child.log")

        assert child.wait() == 0
        assert (tmp_path / "log" / "child.log").read_text() == "hello\n"

    @pytest.mark.skipif(sys.platform != "linux", reason="needs the Linux kernel")
    def test_ends_the_child_when_the_parent_is_killed(self, tmp_path):
        code = (
            "import pathlib, sys, time\n"
            "from helpdesk.core.children import spawn\n"
            "log = pathlib.Path(sys.argv[1])\n"
            "print(spawn(['sleep', '60'], log=log).pid, flush=True)\n"
            "time.sleep(60)"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "log")],
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
        )
        child = psutil.Process(int(parent.stdout.readline()))

        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()

        assert gone(child)


def gone(process, within=10):
    give_up_at = time.monotonic() + within
    while time.monotonic() < give_up_at:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False
