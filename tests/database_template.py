"""One migrated database, made once and copied for each run: tests start in no time."""

import contextlib
import fcntl
import hashlib
from pathlib import Path

import psycopg2
from django.apps import apps
from django.core.management import call_command
from django.db import connection

PREFIX = "template_"


def copy_of_template(*, name, server, data_dir):
    """Create the database `name` with every table in it."""
    with (data_dir / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        template = f"{PREFIX}{_digest_of_migrations()}"
        with _session(server) as cursor:
            known = _templates(cursor)
            if template not in known:
                _drop(cursor, known)
                _make(template, cursor)
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_database(*, name, server):
    with _session(server) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def use_database(name):
    """Point Django at another database of the same server."""
    connection.close()
    connection.settings_dict["NAME"] = name


def _digest_of_migrations():
    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{path.name}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _make(template, cursor):
    draft = f"{template}_draft"
    _drop(cursor, [draft])
    cursor.execute(f'CREATE DATABASE "{draft}"')
    before = connection.settings_dict["NAME"]
    use_database(draft)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        use_database(before)
    # Only a finished one gets the name that others look for.
    cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')


def _templates(cursor):
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"]
    )
    return [
        name for (name,) in cursor.fetchall() if name not in {"template0", "template1"}
    ]


def _drop(cursor, names):
    for name in names:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def _session(server):
    session = psycopg2.connect(server)
    session.autocommit = True
    with contextlib.closing(session), session.cursor() as cursor:
        yield cursor
