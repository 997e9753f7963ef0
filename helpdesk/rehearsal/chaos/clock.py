"""A clock of the desk's own, which can be set while it runs.

libfaketime gives every process of the installation the time of the machine and what a
file adds to it. Nobody else sees it, and no monotonic clock moves: it is what happens
to a machine whose clock is set.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.core.embedded import EmbeddedPostgres, EmbeddedServer, EmbeddedValkey

LIBRARY = "libfaketimeMT.so.1"
FOLDERS = ("lib/*/faketime", "lib/faketime", "lib64/faketime")
SHARED = Path("/dev/shm")  # noqa: S108 - where the library keeps what it shares
TRIAL_SECONDS = 3600
TRIAL = "import time; time.sleep(0.01); print(time.time())"
SLEEPING = Path(__file__).parent / "steady_sleep"
NOT_HERE = "libfaketime is not installed (Debian has it in the package faketime)"


def find_library() -> Path | None:
    found = (
        path
        for root in (Path("/usr"), Path("/usr/local"))
        for folder in FOLDERS
        for path in root.glob(f"{folder}/{LIBRARY}")
    )
    return next(found, None)


class Clock:
    """What the clocks of an installation in `folder` are ahead by."""

    def __init__(self, folder: Path, *, library: Path) -> None:
        self.file, self.library = folder / "clock", library
        self.set(ahead_seconds=0)

    def set(self, *, ahead_seconds: int) -> None:
        """Let every clock jump at once."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"{ahead_seconds:+d}\n")
        draft.chmod(0o644)  # PostgreSQL runs as somebody else
        draft.replace(self.file)
        self.ahead_seconds = ahead_seconds

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to go by this clock."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # It would take this libc for one that needs mending, and end waits early.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(SLEEPING),
        }

    @contextmanager
    def servers(self, data_dir: Path) -> Iterator[None]:
        """Have PostgreSQL and Valkey go by this clock until the block ends."""
        servers: list[EmbeddedServer] = [
            EmbeddedPostgres(data_dir, environment=self.environment),
            EmbeddedValkey(data_dir, environment=self.environment),
        ]
        try:
            for server in servers:
                server.start(death_signal=server.stop_signal)
                _reap(server)
            yield
        finally:
            for server in reversed(servers):
                server.stop()


def _reap(server: EmbeddedServer) -> None:
    """Let a server that was ended by somebody else be gone, though it is our child."""
    if (process_id := server.pid) is not None:
        threading.Thread(target=os.waitpid, args=(process_id, 0), daemon=True).start()


def own_clock(folder: Path) -> tuple[Clock | None, str]:
    """Return a clock for an installation in `folder`, or why there can be none."""
    library = find_library()
    if library is None:
        return None, NOT_HERE
    clock = Clock(folder, library=library)
    clock.set(ahead_seconds=TRIAL_SECONDS)
    trial = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", TRIAL],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
        env=clock.environment,
    )
    clock.set(ahead_seconds=0)
    if trial.returncode == 0 and float(trial.stdout) > time.time() + TRIAL_SECONDS / 2:
        return clock, ""
    said = trial.stderr.strip().partition("\n")[0]
    return None, f"libfaketime changes no clock here ({said})"


def forget_shared(process_ids: Iterable[int]) -> None:
    """Remove what the library shared between processes that are gone."""
    for process_id in process_ids:
        for path in SHARED.glob(f"*faketime_*_{process_id}"):
            path.unlink(missing_ok=True)
