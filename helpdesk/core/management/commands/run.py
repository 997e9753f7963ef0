"""Everything with one command: `manage.py run`."""

import fcntl
import os
import signal
import sys
import time
from io import StringIO
from pathlib import Path
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from helpdesk.core.embedded import ServerDidNotStart
from helpdesk.core.supervision import preparation
from helpdesk.core.supervision.keeper import say
from helpdesk.core.supervision.leftovers import end_leftovers
from helpdesk.core.supervision.plan import Plan
from helpdesk.core.supervision.ports import PortTaken, require_free_ports
from helpdesk.core.supervision.programs import programs, public_places


class Command(BaseCommand):
    help = "Start every process of the desk. Ctrl-C stops all of them."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        lock = self._only_one()
        self._line("Tributary is starting. Ctrl-C stops everything.")
        try:
            self._get_ready()
            plan = Path(settings.DATA_DIR) / "run.json"
            self._plan(sign_in=self._seed()).write(plan)
            self._become_the_keeper(plan, lock)
        except (PortTaken, ServerDidNotStart) as problem:
            raise CommandError(str(problem)) from problem
        except KeyboardInterrupt:
            self._line("\nStopped before everything had started.")
        finally:
            for server in settings.EMBEDDED_SERVERS:
                server.stop()

    def _get_ready(self) -> None:
        end_leftovers(settings.DATA_DIR)
        require_free_ports(public_places())
        for server in settings.EMBEDDED_SERVERS:
            started = time.monotonic()
            server.start(death_signal=server.stop_signal)
            say(server.name, "ready", f"in {time.monotonic() - started:.1f} s")
        preparation.empty_metrics()
        applied = preparation.migrate()
        say("tables", "ready", f"{applied} migrations applied" if applied else "")
        preparation.collect_static()
        say("pages", "ready")

    def _seed(self) -> str:
        if not settings.DEMO or "seed_demo" not in get_commands():
            return ""
        say("sample desk", "…")
        # What it returns is part of our own farewell.
        return str(call_command("seed_demo", stdout=StringIO()) or "")

    def _plan(self, *, sign_in: str) -> Plan:
        lines = [
            f"\nOpen {settings.PUBLIC_URL}",
            *([sign_in] if sign_in else []),
            f"Logs are in {settings.LOG_DIR}\n",
        ]
        return Plan(
            base_dir=settings.BASE_DIR,
            data_dir=settings.DATA_DIR,
            host=settings.BIND,
            servers=tuple(server.name for server in settings.EMBEDDED_SERVERS),
            programs=programs(),
            farewell="\n".join(lines),
        )

    def _become_the_keeper(self, plan: Path, lock: IO[str]) -> NoReturn:
        """Go on as a smaller program; the servers and the lock stay with us."""
        os.set_inheritable(lock.fileno(), True)  # noqa: FBT003
        os.chdir(settings.BASE_DIR)
        module = ("-m", "helpdesk.core.supervision")
        os.execv(sys.executable, [sys.executable, *module, str(plan)])  # noqa: S606

    def _only_one(self) -> IO[str]:
        path = Path(settings.DATA_DIR) / "run.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid, _, url = lock.read().strip().partition(" ")
            raise CommandError(
                f"Tributary already runs from this folder (process {pid}): {url}"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {settings.PUBLIC_URL}\n")
        lock.flush()
        return lock

    def _line(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
