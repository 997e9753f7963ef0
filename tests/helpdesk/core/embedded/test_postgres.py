import contextlib
import os
import signal
import stat

import psutil
import psycopg2
import pytest

from helpdesk.core.embedded import EmbeddedPostgres


def query(server, sql):
    with contextlib.closing(psycopg2.connect(server.url)) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None


@pytest.fixture
def server(own_folder):
    server = EmbeddedPostgres(own_folder / "var")
    server.start(death_signal=signal.SIGINT)
    yield server
    server.stop()


def wait_for_end(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(10)


class TestEmbeddedPostgres:
    def test_is_found_again_instead_of_started_twice(self, server):
        pid = server.pid

        started = EmbeddedPostgres(server.data_dir).start()

        assert started is False
        assert server.pid == pid

    def test_keeps_what_was_committed_through_a_kill(self, server):
        query(server, "CREATE TABLE promise AS SELECT 1 AS kept")
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        wait_for_end(killed)

        started = server.start(death_signal=signal.SIGINT)

        assert started is True
        assert query(server, "SELECT kept FROM promise") == [(1,)]

    def test_starts_although_its_old_number_is_somebody_elses_now(self, server):
        server.stop()
        lock = server.cluster / "postmaster.pid"
        lock.write_text(f"{os.getpid()}\n{server.cluster}\n1\n5432\n\n\n0 0\nready\n")
        (server.sockets / ".s.PGSQL.5432.lock").write_text(lock.read_text())

        assert server.pid is None
        assert server.start(death_signal=signal.SIGINT) is True
        assert query(server, "SELECT 1") == [(1,)]

    def test_starts_after_a_first_start_that_was_killed_half_way(self, own_folder):
        half_made = EmbeddedPostgres(own_folder / "var")
        draft = half_made.data_dir / "postgres.draft"
        (draft / "base").mkdir(parents=True)
        (draft / "PG_VERSION").write_text("18\n")

        half_made.start(death_signal=signal.SIGINT)

        assert query(half_made, "SELECT 1") == [(1,)]
        half_made.stop()

    def test_has_a_sibling_with_data_of_its_own(self, server, own_folder):
        sibling = EmbeddedPostgres(own_folder / "other" / "var")
        sibling.start(death_signal=signal.SIGINT)
        query(sibling, "CREATE TABLE only_here ()")

        tables = query(server, "SELECT to_regclass('only_here')")

        assert tables == [(None,)]
        sibling.stop()

    def test_lets_nobody_in_without_the_password(self, server):
        stranger = server.url.replace(server.password, "guess")

        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(stranger)

    def test_keeps_its_sockets_where_only_one_account_may_look(self, server):
        mode = stat.S_IMODE(server.sockets.stat().st_mode)

        assert mode == 0o700
        assert query(server, "SHOW listen_addresses") == [("",)]

    def test_writes_before_it_acknowledges(self, server):
        assert query(server, "SHOW synchronous_commit") == [("on",)]
        assert query(server, "SHOW fsync") == [("on",)]

    def test_works_in_a_folder_too_deep_for_sockets(self, own_folder):
        deep = EmbeddedPostgres(own_folder / ("deep" * 30) / "var")

        deep.start(death_signal=signal.SIGINT)

        assert query(deep, "SELECT 1") == [(1,)]
        assert stat.S_IMODE(deep.sockets.stat().st_mode) == 0o700
        deep.stop()

    def test_has_the_extensions_we_use(self, server):
        for name in ("pg_trgm", "unaccent", "citext", "btree_gin", "vector"):
            query(server, f"CREATE EXTENSION {name}")

        assert query(server, "SELECT unaccent('café')") == [("cafe",)]
