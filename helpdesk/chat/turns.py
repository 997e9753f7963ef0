"""One person's requests one after the other, where they would not see each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

_LOCKS: Final = 0x7475_726E
"""The first half of the advisory locks of people who begin."""


@contextmanager
def one_at_a_time(customer_id: int) -> Iterator[None]:
    """Wait until nothing else of this person is in here, in any process.

    No transaction is held open: what is kept inside is committed by itself. Of two
    people with one number both wait, which hurts nobody.
    """
    key = [_LOCKS, customer_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
    session = connection.connection
    try:
        yield
    finally:
        # A session that ended has taken its lock along.
        if connection.connection is session and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
