"""A whole installation of the product, of its own, to measure or to break.

It is the real thing: `manage.py run` with its own data folder and free ports.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from helpdesk.core.children import spawn

BASE_DIR = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 300


class InstallationDidNotStart(Exception):
    """The end of its log says why."""


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def use_own_data(
    folder: Path, *, through: Callable[[list[str]], list[str]] | None = None
) -> None:
    """Make this process, started again, belong to an installation in `folder`.

    Returns only in the second life; the settings are read anew in between. `through`
    may put another program before ours, which goes on as ours.
    """
    mark = str(folder)
    if os.environ.get("TRIBUTARY_REHEARSAL") == mark:
        return
    web, realtime, smtp = free_ports(3)
    for name in ("DATABASE_URL", "REDIS_URL", "TRIBUTARY_ENV", "TRIBUTARY_URL"):
        os.environ.pop(name, None)
    os.environ.update(
        TRIBUTARY_REHEARSAL=mark,
        TRIBUTARY_DATA_DIR=mark,
        TRIBUTARY_PORT=str(web),
        TRIBUTARY_REALTIME_PORT=str(realtime),
        TRIBUTARY_SMTP_PORT=str(smtp),
        # So that a thousand visitors can come from as many addresses.
        TRIBUTARY_TRUSTED_PROXIES="127.0.0.1",
    )
    ourselves = [sys.executable, *sys.argv]
    command = through(ourselves) if through else ourselves
    os.execvp(command[0], command)  # noqa: S606 - ourselves


class Installation:
    """The processes of one `manage.py run`, in this environment unless told another."""

    def __init__(
        self,
        *,
        data_dir: Path,
        web_port: int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.environment = environment
        self.url = f"http://127.0.0.1:{web_port}"
        self.log = data_dir / "run.out"
        self._run: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start everything and return when the pages answer.

        :raises InstallationDidNotStart: if they do not within five minutes
        """
        self.log.unlink(missing_ok=True)
        self._run = spawn(
            [sys.executable, str(BASE_DIR / "manage.py"), "run"],
            log=self.log,
            environment=self.environment,
            death_signal=signal.SIGINT,
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        give_up_at = time.monotonic() + READY_SECONDS
        while time.monotonic() < give_up_at:
            if self._run is None or self._run.poll() is not None:
                break
            if self.is_ready() and "Open http" in self.log.read_text(errors="replace"):
                return
            time.sleep(0.2)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        self.stop()
        raise InstallationDidNotStart(tail)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """Stop everything as Ctrl-C does."""
        if self._run is None or self._run.poll() is not None:
            return
        self._run.send_signal(signal.SIGINT)
        try:
            self._run.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(self._run.pid, signal.SIGKILL)
            self._run.wait()

    def processes(self) -> list[psutil.Process]:
        """Return every living process of the installation, servers included."""
        if self._run is None:
            return []
        root = psutil.Process(self._run.pid)
        return [root, *root.children(recursive=True)]


@contextmanager
def running(
    *, data_dir: Path, web_port: int, environment: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """Keep an installation running for as long as the block lasts."""
    installation = Installation(
        data_dir=data_dir, web_port=web_port, environment=environment
    )
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()
