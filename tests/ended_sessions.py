"""Sessions of the database that end without their owner noticing."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def end_this_session():
    """End the session of this thread, as a server does that is started again."""
    pid = connection.connection.info.backend_pid

    def end():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(end).result()
