"""Notice that Valkey was away: what was said meanwhile is lost, and browsers must know.

Publishing is at most once. The connection of the channel layer heals by itself, but
says nothing; so one task in each process asks Valkey every second who it is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from redis.exceptions import RedisError

from helpdesk.realtime.presence import valkey

PAUSE_SECONDS = 1.0
SETTLE_SECONDS = 1.5
"""Time for the channel layer to subscribe again before anybody fetches."""

_tasks: WeakKeyDictionary[asyncio.AbstractEventLoop, "asyncio.Task[None]"] = (
    WeakKeyDictionary()
)


def watch_for_outages(after: Callable[[], Awaitable[None]]) -> None:
    """Call `after` each time Valkey comes back; one watch for each event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _tasks or _tasks[loop].done():
        _tasks[loop] = loop.create_task(_watch(after))


async def _watch(after: Callable[[], Awaitable[None]]) -> None:
    known = await _run_of_server()
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        found = await _run_of_server()
        if found and found != known:
            await asyncio.sleep(SETTLE_SECONDS)
            await after()
        known = found


async def _run_of_server() -> str:
    """Return the id of Valkey's present run, or nothing while it is away."""
    try:
        info = await valkey().info("server")
    except (RedisError, OSError):
        return ""
    return str(info.get("run_id", ""))
