"""What a killed run may have left behind."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import psutil

from helpdesk.core.supervision.plan import SUPERVISED


def end_leftovers(data_dir: Path) -> int:
    """Kill what works for `data_dir` without a keeper; return how many that were."""
    marked = [it for it in psutil.process_iter() if _works_for(it, data_dir)]
    for process in marked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(marked, timeout=5)
    return len(marked)


def _works_for(process: psutil.Process, data_dir: Path) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        return process.pid != os.getpid() and process.environ().get(SUPERVISED) == str(
            data_dir
        )
    return False


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Each program leads a group of its own, and that may outlive it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def forget_gauges_of(pid: int, data_dir: Path) -> None:
    """What a dead process counted as open is open no more."""
    for file in (data_dir / "metrics").glob(f"gauge_live*_{pid}.db"):
        file.unlink(missing_ok=True)
