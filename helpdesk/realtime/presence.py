"""Who looks at a conversation right now, and who is writing an answer.

Kept in Valkey only, with an expiry: losing it costs a few seconds of not knowing.
"""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import RedisError

from helpdesk.chat.availability import ONLINE_KEY, ONLINE_SECONDS
from helpdesk.realtime.switchboard import tell_sockets

LOOKING_SECONDS = 60
"""After so long without a heartbeat somebody is no longer there."""
REPLYING_SECONDS = 12
"""After so long without a key stroke somebody is no longer writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """An agent at a conversation."""

    agent_id: int
    name: str
    is_replying: bool


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, "redis.Redis"] = (
    WeakKeyDictionary()
)


def valkey() -> Any:
    """Return the connections of the running event loop, which they belong to.

    The client types each answer as if it might not have to be waited for.
    """
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        client = _clients[loop] = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
        )
    return client


async def mark(
    *, conversation_id: int, socket: str, agent_id: int, name: str, is_replying: bool
) -> None:
    """Note that an agent is there with one socket. Never raises."""
    now = time.time()
    word = json.dumps(
        {
            "agent": agent_id,
            "name": name,
            "at": now,
            "replying_at": now if is_replying else 0,
        }
    )
    with contextlib.suppress(RedisError, OSError):
        await valkey().hset(_key(conversation_id), socket, word)
        await valkey().expire(_key(conversation_id), LOOKING_SECONDS * 2)


async def leave(*, conversation_id: int, socket: str) -> None:
    """Note that a socket looks elsewhere. Never raises."""
    with contextlib.suppress(RedisError, OSError):
        await valkey().hdel(_key(conversation_id), socket)


async def present_at(*, conversation_id: int) -> list[Present]:
    """Return who is there, each once; nobody when Valkey is away."""
    try:
        words = await valkey().hvals(_key(conversation_id))
    except (RedisError, OSError):
        return []
    now = time.time()
    found: dict[int, Present] = {}
    for word in map(json.loads, words):
        if now - word["at"] >= LOOKING_SECONDS:
            continue
        earlier = found.get(word["agent"])
        found[word["agent"]] = Present(
            agent_id=word["agent"],
            name=word["name"],
            is_replying=now - word["replying_at"] < REPLYING_SECONDS
            or (earlier is not None and earlier.is_replying),
        )
    return list(found.values())


def _key(conversation_id: int) -> str:
    return f"presence:{conversation_id}"


async def tell_presence_changed(*, conversation_id: int, group: str) -> None:
    """Ask every socket at the conversation to look who is there. Never raises."""
    with contextlib.suppress(RedisError, OSError):
        await tell_sockets([group], {"type": "presence.changed", "id": conversation_id})


async def come_online(*, agent_id: int, socket: str) -> None:
    """Note that an agent's desk is open in a tab. Never raises."""
    now = time.time()
    with contextlib.suppress(RedisError, OSError):
        await valkey().zadd(ONLINE_KEY, {f"{agent_id}:{socket}": now})
        await valkey().zremrangebyscore(ONLINE_KEY, "-inf", now - ONLINE_SECONDS)


async def go_offline(*, agent_id: int, socket: str) -> None:
    """Note that a tab of an agent was closed. Never raises."""
    with contextlib.suppress(RedisError, OSError):
        await valkey().zrem(ONLINE_KEY, f"{agent_id}:{socket}")
