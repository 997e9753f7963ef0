"""The servers of the test run: started once, shared, found again, then stopped."""

import contextlib
import fcntl
import os
import re
import tempfile
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis
from django.conf import settings

import helpdesk.celery  # noqa: F401  tasks are sent through this app
from tests.database_template import copy_of_template, drop_database, use_database
from tests.settings import DATABASE_OF_RUN, OWN_SERVERS, POSTGRES, TEST_DATA


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    if hasattr(session.config, "workerinput"):
        return
    TEST_DATA.mkdir(parents=True, exist_ok=True)
    session.config.server_users = (TEST_DATA / "users.lock").open("w")
    fcntl.flock(session.config.server_users, fcntl.LOCK_SH)
    for server in OWN_SERVERS:
        server.start()
    _drop_databases_of_dead_runs()


def pytest_unconfigure(config):
    users = getattr(config, "server_users", None)
    if users is None:
        return
    # Another run may be at work: the last one out stops the servers.
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for server in OWN_SERVERS:
            server.stop()
    users.close()


def _drop_databases_of_dead_runs():
    if POSTGRES not in OWN_SERVERS:
        return
    with contextlib.closing(psycopg2.connect(POSTGRES.url)) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            for (name,) in cursor.fetchall():
                run = re.fullmatch(r"test_\w+?_(\d+)", name)
                if run and not psutil.pid_exists(int(run[1])):
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    server = os.environ["DATABASE_URL"]
    with django_db_blocker.unblock():
        copy_of_template(name=DATABASE_OF_RUN, server=server, data_dir=TEST_DATA)
        use_database(DATABASE_OF_RUN)
    yield
    with django_db_blocker.unblock():
        use_database("postgres")
        drop_database(name=DATABASE_OF_RUN, server=server)


@pytest.fixture(scope="session", autouse=True)
def _empty_valkey():
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.fixture
def own_folder():
    """A folder that embedded servers can reach.

    PostgreSQL may run as another account. Folders of `tmp_path` are no place for it:
    each test run that starts makes their parent private again.
    """
    with tempfile.TemporaryDirectory(prefix="tributary-test-") as folder:
        yield Path(folder)
