"""Start, find and stop the PostgreSQL and Valkey that come as wheels.

Both speak over Unix sockets in a directory that only we may enter, so that any number
of clones run side by side and no other account on the machine gets in.
"""

import signal
from typing import Protocol

from helpdesk.core.embedded.places import ServerDidNotStart
from helpdesk.core.embedded.postgres import EmbeddedPostgres
from helpdesk.core.embedded.valkey import EmbeddedValkey

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedServer",
    "EmbeddedValkey",
    "ServerDidNotStart",
]


class EmbeddedServer(Protocol):
    """What both can do."""

    name: str
    stop_signal: signal.Signals
    """What ends it in an orderly way."""

    @property
    def url(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    def start(self, *, death_signal: signal.Signals | None = None) -> bool: ...
    def stop(self) -> None: ...
