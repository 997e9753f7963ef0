"""What `manage.py doctor` looks at in any installation."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection

from helpdesk.core.diagnosis import (
    Finding,
    examination,
    examination_of_records,
    ill,
    note,
    well,
)
from helpdesk.core.readiness import (
    database_problem,
    migrations_problem,
    valkey_problem,
)
from helpdesk.core.secrets import weakness_of
from helpdesk.core.supervision.plan import SUPERVISED, Plan
from helpdesk.core.supervision.ports import (
    PortTaken,
    is_answering,
    require_free_ports,
)
from helpdesk.core.supervision.programs import public_places

GIB = 1024**3
LITTLE_DISK, TOO_LITTLE_DISK = 5 * GIB, GIB
EXTENSIONS = ("pg_trgm", "unaccent", "citext", "btree_gin")
OLDEST_POSTGRES = 16_00_00


@examination
def python() -> Iterator[Finding]:
    yield well(f"Python {'.'.join(map(str, sys.version_info[:3]))}")


@examination
def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(settings.DATA_DIR)).free
    said = f"{free / GIB:.1f} GiB free where {settings.DATA_DIR} is"
    mend = "Free some space: with a full disk, mail is refused and senders retry."
    if free < TOO_LITTLE_DISK:
        yield ill(said, mend)
    elif free < LITTLE_DISK:
        yield note(said, mend)
    else:
        yield well(said)


@examination
def secrets() -> Iterator[Finding]:
    keys = {
        "SECRET_KEY": [settings.SECRET_KEY],
        "FIELD_ENCRYPTION_KEYS": settings.FIELD_ENCRYPTION_KEYS,
        "MAIL_TOKEN_KEYS": settings.MAIL_TOKEN_KEYS,
    }
    weak = {name: w for name, values in keys.items() for w in map(weakness_of, values)}
    for name, weakness in weak.items():
        if weakness:
            yield ill(f"{name} {weakness}", "Unset it; a good one is made for you.")
    loose = [it for it in settings.SECRETS_DIR.glob("*") if it.stat().st_mode & 0o077]
    for path in loose:
        yield ill(f"{path} can be read by others", f"chmod 600 {path}")
    if not any(weak.values()) and not loose:
        yield well("Secrets are long, random and private")


@examination
def database() -> Iterator[Finding]:
    if database_problem():
        yield ill("PostgreSQL does not answer", _how_to_start("PostgreSQL"))
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_available_extensions")
        available = {name for (name,) in cursor.fetchall()}
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
    if version < OLDEST_POSTGRES:
        yield ill(f"PostgreSQL is {version // 10000}", "Upgrade it to 16 or later.")
    for name in EXTENSIONS:
        if name not in available:
            yield ill(
                f"PostgreSQL lacks the extension {name}",
                "Install its contrib package (Debian: postgresql-contrib).",
            )
    yield well(f"PostgreSQL {version // 10000}.{version % 10000} answers")


@examination
def migrations() -> Iterator[Finding]:
    if database_problem():
        return
    if problem := migrations_problem():
        yield ill(problem, "Run: python manage.py migrate (make run does it itself)")
    else:
        yield well("Tables are up to date")


@examination
def valkey() -> Iterator[Finding]:
    if valkey_problem():
        yield ill("Valkey does not answer", _how_to_start("Valkey"))
    else:
        yield well("Valkey answers")


@examination
def processes() -> Iterator[Finding]:
    """Those that `make run` keeps on this machine; elsewhere nobody can tell."""
    plan = _running_plan()
    if plan is None:
        yield from _ports_for_a_start()
        return
    alive = _process_names(plan.data_dir)
    for program in plan.programs:
        log = plan.data_dir / "log" / f"{program.name}.log"
        if program.name not in alive:
            yield ill(f"{program.name} is not running", f"The reason is in {log}")
        elif program.port and not is_answering(program.host or plan.host, program.port):
            yield ill(
                f"{program.name} does not answer on port {program.port}",
                f"The reason may be in {log}",
            )
        else:
            yield well(f"{program.name} runs")


@examination_of_records
def synchronous_commit() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        value = cursor.fetchone()[0]
    if value == "off":
        yield ill(
            "PostgreSQL acknowledges before it has written (synchronous_commit)",
            "Set synchronous_commit = on: a message that was accepted must be safe.",
        )


def _ports_for_a_start() -> Iterator[Finding]:
    yield note("The desk is not running from this folder", "Start it: make run")
    try:
        require_free_ports(public_places())
    except PortTaken as problem:
        for line in str(problem).splitlines():
            taken, _, mend = line.partition(". ")
            yield ill(taken, mend)


def _running_plan() -> Plan | None:
    with contextlib.suppress(
        OSError, ValueError, KeyError, TypeError, IndexError, psutil.Error
    ):
        pid = int((settings.DATA_DIR / "run.lock").read_text().split()[0])
        if "helpdesk.core.supervision" in psutil.Process(pid).cmdline():
            return Plan.read(settings.DATA_DIR / "run.json")
    return None


def _process_names(data_dir: Path) -> set[str]:
    names = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            environment = process.environ()
            if environment.get(SUPERVISED) == str(data_dir):
                names.add(environment["TRIBUTARY_PROCESS"].removeprefix("tributary-"))
    return names


def _how_to_start(name: str) -> str:
    if any(server.name == name for server in settings.EMBEDDED_SERVERS):
        return f"make run starts it. Its log is in {settings.LOG_DIR}"
    variable = {"PostgreSQL": "DATABASE_URL", "Valkey": "REDIS_URL"}[name]
    return f"See that the server named in {variable} runs and lets this machine in."


def _existing(path: Path) -> Path:
    return next(it for it in (path, *path.parents) if os.access(it, os.F_OK))
