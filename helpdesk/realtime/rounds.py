"""Look after the open sockets of visitors, all of them from one task.

A token that was given up, a channel that was switched off: a message about it may have
been lost, so now and then everybody is asked for again.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

from helpdesk.realtime.admission import Guest, still_admitted
from helpdesk.realtime.database_line import MOST_TOGETHER, database_line

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 30
FULL_SECONDS = 300
"""After so long the list of their conversations is read anew as well."""
MOST_ASKED = 500


class Visited(Protocol):
    """An open socket of a visitor."""

    guest: Guest | None
    checked_at: float

    async def check_access(self) -> None: ...

    async def dismiss(self) -> None: ...


_sockets: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakSet[Visited]] = (
    WeakKeyDictionary()
)
_tasks: WeakKeyDictionary[asyncio.AbstractEventLoop, "asyncio.Task[None]"] = (
    WeakKeyDictionary()
)


def look_after(socket: Visited) -> None:
    """Ask from now on whether the socket may stay, until it is gone."""
    loop = asyncio.get_running_loop()
    _sockets.setdefault(loop, WeakSet()).add(socket)
    if loop not in _tasks or _tasks[loop].done():
        _tasks[loop] = loop.create_task(_walk(_sockets[loop]))


async def _walk(sockets: WeakSet[Visited]) -> None:
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            await look_in(list(sockets))
        except Exception:
            # The database may be away; whoever was missed is asked for next time.
            logger.exception("Visitors could not be looked after")


async def look_in(sockets: Sequence[Visited]) -> None:
    """Dismiss whoever may not stay, and read anew what is not fresh."""
    known = [it for it in sockets if it.guest is not None]
    for some in _parts(known, MOST_ASKED):
        guests = [it.guest for it in some if it.guest is not None]
        allowed = await database_line().ask(partial(still_admitted, guests))
        await _at_once(it.dismiss() for it in some if not _is_allowed(it, allowed))
    stale = [it for it in known if time.monotonic() - it.checked_at > FULL_SECONDS]
    for some in _parts(stale, MOST_TOGETHER):
        await _at_once(it.check_access() for it in some)


def _is_allowed(socket: Visited, allowed: set[tuple[int, str]]) -> bool:
    guest = socket.guest
    return guest is None or (guest.visitor_id, guest.token_hash) in allowed


async def _at_once(work: "Iterable[asyncio._CoroutineLike[None]]") -> None:
    await asyncio.gather(*work, return_exceptions=True)


def _parts(sockets: Sequence[Visited], count: int) -> list[Sequence[Visited]]:
    return [sockets[at : at + count] for at in range(0, len(sockets), count)]
