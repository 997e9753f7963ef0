"""The embedded servers for as long as one management command needs them."""

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from helpdesk.core.embedded import EmbeddedServer
from helpdesk.core.supervision.plan import SUPERVISED

NEED_NONE = frozenset(
    {
        *("bench", "chaos", "check", "collectstatic", "compilemessages", "demo"),
        *("diffsettings", "doctor", "help", "makemessages", "run", "serve"),
        *("startapp", "version"),
        *("--help", "--version", "-h"),
    }
)


def needs_servers(arguments: Sequence[str]) -> bool:
    """Whether `manage.py` with these arguments looks into a database.

    Under `run` it never has to start one: somebody keeps them running already.
    """
    if len(arguments) < 2 or SUPERVISED in os.environ:
        return False
    return arguments[1] not in NEED_NONE and not {"-h", "--help"} & set(arguments[2:])


@contextmanager
def servers_on_loan(
    servers: Sequence[EmbeddedServer], data_dir: Path
) -> Iterator[None]:
    """Start those that do not run, and stop just those at the end.

    Other commands may have come to use them meanwhile, and are waited for.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        started = [
            server
            for server in servers
            if server.start(death_signal=server.stop_signal)
        ]
        try:
            yield
        finally:
            if started:
                _wait_for_the_others(users)
            for server in reversed(started):
                server.stop()


def _wait_for_the_others(users: IO[str]) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another command still uses the servers; waiting.", file=sys.stderr)  # noqa: T201
        fcntl.flock(users, fcntl.LOCK_EX)
