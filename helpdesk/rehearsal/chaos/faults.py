"""What goes wrong: processes die or freeze, servers vanish, room runs out."""

import contextlib
import os
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

from helpdesk.core.embedded import EmbeddedServer
from helpdesk.rehearsal.installation import Installation

ROLES = {
    "web": " granian ",
    "realtime": " uvicorn ",
    "worker": " celery --app helpdesk worker ",
    "beat": " celery --app helpdesk beat ",
    "mail": "manage.py mail",
    "reader": " channels_ingest.reading_child ",
}
"""A process of ours by words of its command line."""
FROZEN_SECONDS = 7.5
START_SECONDS = 10
LOOK_EVERY = 0.1
GRABS = 3
MOST_CONNECTIONS = 500


class Faults:
    """Does harm to one installation, and counts it."""

    def __init__(self, installation: Installation, chance: random.Random) -> None:
        self.installation, self.chance = installation, chance
        self.done: Counter[str] = Counter()

    def kill_any_process(self) -> None:
        """kill -9 a random process of ours, a parent or a child."""
        roles = list(ROLES)
        self.chance.shuffle(roles)
        any(self.kill_one(role) for role in roles)

    def kill_one(self, role: str) -> bool:
        """kill -9 a process of a role; return whether there was one."""
        victims = list(self._processes(role))
        if not (victims and _kill(self.chance.choice(victims))):
            return False
        self.done[f"kill {role}"] += 1
        return True

    def freeze_a_worker(self) -> None:
        """Stop a worker child beyond its lease, then let the zombie go on."""
        children = [p for p in self._processes("worker") if _is_child(p)]
        if not children:
            return
        victim = self.chance.choice(children)
        with contextlib.suppress(psutil.Error):
            victim.send_signal(signal.SIGSTOP)
            try:
                time.sleep(FROZEN_SECONDS)
            finally:
                victim.send_signal(signal.SIGCONT)
            self.done["freeze worker"] += 1

    def kill_postgres(self) -> None:
        """kill -9 the postmaster; the desk has to start it again."""
        self._kill_server("PostgreSQL")

    def kill_valkey(self) -> None:
        """kill -9 Valkey; everything in it is gone."""
        self._kill_server("Valkey")

    def wait_for_valkey(self) -> None:
        """Return when it runs again, or after a while."""
        for server in settings.EMBEDDED_SERVERS:
            if server.name == "Valkey":
                _process_of(server)

    def _kill_server(self, name: str) -> None:
        for server in settings.EMBEDDED_SERVERS:
            if server.name == name and (pid := _process_of(server)) is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.done[f"kill {name}"] += 1

    def flush_valkey(self) -> None:
        with contextlib.suppress(redis.RedisError):
            redis.Redis.from_url(settings.REDIS_URL).flushall()
            self.done["flush Valkey"] += 1

    @contextlib.contextmanager
    def no_connections_left(self) -> Iterator[int]:
        """Take every connection PostgreSQL has to give, those in use included."""
        taken: list[Any] = []
        for _ in range(GRABS):
            _take_connections(taken)
            _cut_off_others(taken[0])
        _take_connections(taken)
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


def _process_of(server: EmbeddedServer) -> int | None:
    """Return its process, waiting a little if it is just starting again."""
    give_up_at = time.monotonic() + START_SECONDS
    while (pid := server.pid) is None and time.monotonic() < give_up_at:
        time.sleep(LOOK_EVERY)
    return pid


def _take_connections(taken: list[Any]) -> None:
    with contextlib.suppress(psycopg2.Error):
        while len(taken) < MOST_CONNECTIONS:
            taken.append(psycopg2.connect(settings.DATABASE_URL))


def _cut_off_others(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name <> '' AND pid <> pg_backend_pid()"
        )
    connection.commit()


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _is_child(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        return parent is not None and "celery" in _command(parent)
    return False


def _kill(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        process.kill()
        return True
    return False
