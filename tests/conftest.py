"""The servers of the test run: started once, shared, found again, stopped at the end."""

import contextlib
import fcntl
import re

import psutil
import psycopg2
import pytest
import redis
from django.conf import settings

from tests.settings import POSTGRES, TEST_DATA, VALKEY


def _is_worker(config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    if _is_worker(session.config):
        return
    TEST_DATA.mkdir(parents=True, exist_ok=True)
    session.config.server_users = (TEST_DATA / "users.lock").open("w")
    fcntl.flock(session.config.server_users, fcntl.LOCK_SH)
    POSTGRES.start()
    VALKEY.start()
    _drop_databases_of_dead_runs()


def pytest_unconfigure(config):
    users = getattr(config, "server_users", None)
    if users is None:
        return
    # Another run may be at work: the last one out stops the servers.
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        POSTGRES.stop()
        VALKEY.stop()
    users.close()


def _drop_databases_of_dead_runs():
    connection = psycopg2.connect(POSTGRES.url)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'")
        for (name,) in cursor.fetchall():
            run = re.search(r"_(\d+)(?:_gw\d+)?$", name)
            if run and not psutil.pid_exists(int(run[1])):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def _empty_valkey():
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
