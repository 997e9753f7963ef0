"""Keep programs running until told to stop, then leave nothing behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.core.children import spawn
from helpdesk.core.embedded import EmbeddedServer, ServerDidNotStart
from helpdesk.core.supervision.leftovers import (
    end_leftovers,
    forget_gauges_of,
    kill_group,
)
from helpdesk.core.supervision.plan import SUPERVISED, Plan, Program
from helpdesk.core.supervision.ports import is_answering

GRACE_SECONDS = 20.0
READY_SECONDS = 60.0
LONGEST_PAUSE = float(os.environ.get("TRIBUTARY_LONGEST_PAUSE", "30"))
HEALTHY_AFTER = 60.0
LOOK_EVERY = 0.2
LOOK_AT_SERVERS_EVERY = 1.0


def say(name: str, state: str, detail: str = "") -> None:
    """Write one calm line about one process."""
    say_line(f"  {name:<12}{state:<8}{detail}".rstrip())


def say_line(text: str) -> None:
    """Write to whoever watches; that nobody can, or no room, stops nothing."""
    with contextlib.suppress(OSError):
        print(text, flush=True)  # noqa: T201


@dataclass(slots=True, kw_only=True)
class Kept:
    """A program, and the process that runs it at the moment."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 1.0
    start_again_at: float = 0.0

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@dataclass(slots=True)
class Keeper:
    """Owns every process of one installation on this machine."""

    plan: Plan
    servers: Sequence[EmbeddedServer]
    kept: list[Kept] = field(default_factory=list)
    stop_signals: int = 0

    @property
    def is_stopping(self) -> bool:
        return self.stop_signals > 0

    def listen_for_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        self.stop_signals += 1

    def start(self) -> None:
        """Start all programs at once, and wait until each is ready."""
        logs = self.plan.data_dir / "log"
        self.kept = [
            Kept(program=program, log=logs / f"{program.name}.log")
            for program in self.plan.programs
        ]
        for kept in self.kept:
            self._launch(kept)
        for kept in self.kept:
            self._wait_until_ready(kept)

    def watch(self) -> None:
        """Return when told to stop; until then start again whatever ends."""
        look_at_servers_at = 0.0
        while not self.is_stopping:
            if time.monotonic() >= look_at_servers_at:
                self._mend_servers()
                look_at_servers_at = time.monotonic() + LOOK_AT_SERVERS_EVERY
            for kept in self.kept:
                self._mend(kept)
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """Ask everything to end, then insist. A second signal insists at once."""
        alive = [kept.process for kept in self.kept if kept.process]
        for process in alive:
            process.terminate()
        self._wait_for(alive)
        for process in alive:
            kill_group(process)
            process.wait()
        end_leftovers(self.plan.data_dir)
        for server in reversed(self.servers):
            server.stop()

    def _wait_for(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        signals_before = self.stop_signals
        give_up_at = time.monotonic() + GRACE_SECONDS
        while any(process.poll() is None for process in processes):
            if time.monotonic() > give_up_at or self.stop_signals > signals_before:
                return
            time.sleep(0.05)

    def _launch(self, kept: Kept) -> None:
        kept.started_at = time.monotonic()
        kept.process = spawn(
            kept.program.command,
            log=kept.log,
            environment=self._environment_of(kept.program),
            directory=self.plan.base_dir,
        )

    def _environment_of(self, program: Program) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            # Each arena of the allocator keeps what its threads once needed.
            "MALLOC_ARENA_MAX": "2",
            "TRIBUTARY_DATA_DIR": str(self.plan.data_dir),
            "TRIBUTARY_PROCESS": f"tributary-{program.name}",
            SUPERVISED: str(self.plan.data_dir),
            **program.environment,
        }

    def _wait_until_ready(self, kept: Kept) -> None:
        give_up_at = time.monotonic() + READY_SECONDS
        while not self.is_stopping and time.monotonic() < give_up_at:
            if kept.has_ended():
                self._note_end(kept)
                return
            if self._is_ready(kept):
                say(kept.program.name, "ready", kept.program.shows)
                return
            time.sleep(0.05)
        if not self.is_stopping:
            say(kept.program.name, "slow", f"not ready yet, see {kept.log}")

    def _is_ready(self, kept: Kept) -> bool:
        program = kept.program
        host = program.host or self.plan.host
        return not program.port or is_answering(host, program.port)

    def _mend_servers(self) -> None:
        for server in self.servers:
            if server.pid is None and not self.is_stopping:
                say(server.name, "ended", "starting again")
                try:
                    server.start(death_signal=server.stop_signal)
                    say(server.name, "ready")
                except (ServerDidNotStart, OSError) as problem:
                    # A full disk, perhaps: when there is room again, it starts.
                    say(server.name, "failed", str(problem))

    def _mend(self, kept: Kept) -> None:
        now = time.monotonic()
        if kept.process is None:
            if now >= kept.start_again_at:
                self._try_to_launch(kept)
        elif kept.has_ended():
            self._note_end(kept)
        elif now - kept.started_at > HEALTHY_AFTER:
            kept.pause = 1.0

    def _try_to_launch(self, kept: Kept) -> None:
        try:
            self._launch(kept)
        except OSError as problem:
            say(kept.program.name, "failed", str(problem))
            kept.start_again_at = time.monotonic() + kept.pause

    def _note_end(self, kept: Kept) -> None:
        assert kept.process is not None
        how = _how_it_ended(kept.process.returncode)
        again = f"starting again in {kept.pause:.0f} s"
        say(kept.program.name, "ended", f"{how}, {again}. See {kept.log}")
        kill_group(kept.process)
        forget_gauges_of(kept.process.pid, self.plan.data_dir)
        kept.process = None
        kept.start_again_at = time.monotonic() + kept.pause
        kept.pause = min(kept.pause * 2, LONGEST_PAUSE)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"
