"""What goes wrong: processes die or freeze, servers vanish, room runs out."""

import contextlib
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg2
import redis
from django.conf import settings

from helpdesk.rehearsal.installation import Installation

ROLES = {
    "web": "granian",
    "realtime": "uvicorn",
    "worker": "worker",
    "beat": " beat",
    "mail": "manage.py mail",
}
"""A process of ours by words of its command line."""
FROZEN_SECONDS = 8


class Faults:
    """Does harm to one installation, and counts it."""

    def __init__(self, installation: Installation, chance: random.Random) -> None:
        self.installation, self.chance = installation, chance
        self.done: Counter[str] = Counter()

    def kill_any_process(self) -> None:
        """kill -9 a random process of ours, a parent or a child."""
        role = self.chance.choice(list(ROLES))
        victims = list(self._processes(role))
        if victims and _kill(self.chance.choice(victims)):
            self.done[f"kill {role}"] += 1

    def freeze_a_worker(self) -> None:
        """Stop a worker child beyond its lease, then let the zombie go on."""
        children = [p for p in self._processes("worker") if _is_child(p)]
        if not children:
            return
        victim = self.chance.choice(children)
        with contextlib.suppress(psutil.Error):
            victim.send_signal(signal.SIGSTOP)
            time.sleep(FROZEN_SECONDS)
            victim.send_signal(signal.SIGCONT)
            self.done["freeze worker"] += 1

    def kill_postgres(self) -> None:
        """kill -9 the postmaster; the desk has to start it again."""
        for process in self.installation.processes():
            if _name(process) == "postgres" and _is_postmaster(process):
                _kill(process)
                self.done["kill postgres"] += 1

    def kill_valkey(self) -> None:
        """kill -9 Valkey; everything in it is gone."""
        for process in self.installation.processes():
            if "valkey" in _name(process) and _kill(process):
                self.done["kill valkey"] += 1

    def flush_valkey(self) -> None:
        with contextlib.suppress(redis.RedisError):
            redis.Redis.from_url(settings.REDIS_URL).flushall()
            self.done["flush valkey"] += 1

    @contextlib.contextmanager
    def no_connections_left(self) -> Iterator[int]:
        """Take every connection PostgreSQL has to give."""
        taken: list[Any] = []
        with contextlib.suppress(psycopg2.Error):
            while len(taken) < 500:
                taken.append(psycopg2.connect(settings.DATABASE_URL))
        self.done["exhaust connections"] += 1
        try:
            yield len(taken)
        finally:
            for one in taken:
                one.close()

    def _processes(self, role: str) -> Iterator[psutil.Process]:
        for process in self.installation.processes():
            if ROLES[role] in _command(process):
                yield process


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return process.name()
    return ""


def _is_child(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        return parent is not None and "celery" in _command(parent)
    return False


def _is_postmaster(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        return parent is None or _name(parent) != "postgres"
    return False


def _kill(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        process.kill()
        return True
    return False
