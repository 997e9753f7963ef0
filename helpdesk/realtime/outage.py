"""Notice that Valkey was away: what was said meanwhile is lost, and browsers must know.

Publishing is at most once. The connection of the channel layer heals by itself, but
says nothing; so one task in each process asks Valkey every second who it is.
"""

import asyncio
from weakref import WeakKeyDictionary

from redis.exceptions import RedisError

from helpdesk.realtime.presence import valkey
from helpdesk.realtime.switchboard import switchboard

PAUSE_SECONDS = 1.0
SETTLE_SECONDS = 1.5
"""Time for the channel layer to subscribe again before anybody fetches."""

_tasks: WeakKeyDictionary[asyncio.AbstractEventLoop, "asyncio.Task[None]"] = (
    WeakKeyDictionary()
)


def watch_for_outages() -> None:
    """Have all browsers fetch anew when Valkey comes back; once for each event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _tasks or _tasks[loop].done():
        _tasks[loop] = loop.create_task(_watch())


async def everybody_catches_up() -> None:
    """Valkey was away: whatever was said meanwhile is lost, so all fetch again."""
    listeners = [*switchboard().listeners]
    await asyncio.gather(*(it.catch_up() for it in listeners), return_exceptions=True)


async def _watch() -> None:
    known = await _run_of_server()
    while not _is_canceled():
        await asyncio.sleep(PAUSE_SECONDS)
        found = await _run_of_server()
        if found and found != known:
            await asyncio.sleep(SETTLE_SECONDS)
            await everybody_catches_up()
        known = found


def _is_canceled() -> bool:
    """Whether this task was to end while the client took that for a failure."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _run_of_server() -> str:
    """Return the id of Valkey's present run, or nothing while it is away."""
    try:
        info = await valkey().info("server")
    except (RedisError, OSError):
        return ""
    return str(info.get("run_id", ""))
