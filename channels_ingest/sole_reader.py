"""One process reads one channel at a time, under a lock of the database.

The lock ends with its owner, however it ends.
"""

import contextlib
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from psycopg2.errors import LockNotAvailable

IDLE_SECONDS = 60
"""PostgreSQL ends the session of a reader that stands still for so long.

With the session ends its lock: another one takes over, and a reader that wakes up
again later can write nothing any more.
"""
_LOCKS = 0x7472_6962
"""The first half of the advisory locks of channels being read."""
SOLE_IN_TRANSACTION = f"pg_try_advisory_xact_lock({_LOCKS}, %s::integer)"
"""SQL: try to be the sole reader of the channel with this id until the commit."""
WATCHED_IN_TRANSACTION = (
    f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
)
"""What whoever reads in one transaction says first: see `IDLE_SECONDS`."""


@contextlib.contextmanager
def sole_reader(channel_id: int, *, wait_seconds: float = 0) -> Iterator[bool]:
    """Keep all others from reading a channel; false if another one reads it already.

    :param wait_seconds: how long to wait for the other one to end
    """
    if not _is_locked(channel_id, wait_seconds=wait_seconds):
        yield False
        return
    session = connection.connection
    try:
        yield True
    finally:
        # A session that ended has taken its lock along.
        if connection.connection is session:
            _give_back(channel_id)


def _is_locked(channel_id: int, *, wait_seconds: float) -> bool:
    """Try to become the sole reader; PostgreSQL watches from then on that we go on."""
    if not wait_seconds:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, channel_id])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(_limits(idle=IDLE_SECONDS))
        return True
    statements = (
        f"SET lock_timeout = '{wait_seconds * 1000:.0f}ms'",
        _limits(idle=IDLE_SECONDS),
        "SELECT pg_advisory_lock(%s, %s)",
        "SET lock_timeout = 0",
    )
    try:
        # All of them or none: whoever waited in vain is left as they were.
        _on_lock("; ".join(statements), channel_id)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


def _give_back(channel_id: int) -> None:
    unlock = "SELECT pg_advisory_unlock(%s, %s)"
    try:
        _on_lock(f"{_limits(idle=0)}; {unlock}", channel_id)
    except (DatabaseError, InterfaceError):
        # Whatever became of the session: with it ends all that it holds.
        connection.close()


def _on_lock(statements: str, channel_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements, [_LOCKS, channel_id])


def _limits(*, idle: int) -> str:
    return (
        f"SET idle_session_timeout = '{idle:d}s';"
        f"SET idle_in_transaction_session_timeout = '{idle:d}s'"
    )


def is_alive(session: object) -> bool:
    """Whether we still speak in `session`: Django opens another one by itself."""
    return connection.connection is session and connection.is_usable()
