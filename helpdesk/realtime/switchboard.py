"""Hands what the installation says to the sockets of this process.

Every process hears everything once, over one subscription, and knows itself who of its
sockets joined which group. A change that a thousand tabs must hear of is read and
written as JSON once, and a tab in two of its groups hears of it once.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

EVERY_PROCESS = "sockets"
"""The one group of the channel layer; each process is a member once."""


class Listener(Protocol):
    """An open socket."""

    def hear(self, message: dict[str, Any], text: str) -> None:
        """Take `message`, and the same as JSON; at once, without waiting."""

    async def catch_up(self) -> None:
        """Have the browser fetch what it may have missed."""


class Switchboard:
    """Who of one event loop's sockets is in which group."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self._members: defaultdict[str, set[Listener]] = defaultdict(set)
        self._connecting = asyncio.Lock()
        self._hearing: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Return once everything said from now on is heard.

        :raises redis.exceptions.RedisError, OSError: while Valkey is away
        """
        async with self._connecting:
            if self._hearing is not None and not self._hearing.done():
                return
            layer = get_channel_layer()
            assert layer is not None
            channel = await layer.new_channel()
            await layer.group_add(EVERY_PROCESS, channel)
            self._hearing = asyncio.create_task(self._hear(layer, channel))

    def join(self, listener: Listener, groups: Iterable[str]) -> None:
        self.listeners.add(listener)
        for group in groups:
            self._members[group].add(listener)

    def leave(self, listener: Listener, groups: Iterable[str]) -> None:
        for group in groups:
            self._members[group].discard(listener)
            if not self._members[group]:
                del self._members[group]

    def hang_up(self, listener: Listener) -> None:
        """Forget a socket that was closed; it has left its groups."""
        self.listeners.discard(listener)

    def hand_out(self, news: dict[str, Any]) -> None:
        """Give a message to each member of any of its groups, once."""
        message = news["message"]
        text = json.dumps(message)
        members = (self._members.get(group, ()) for group in news["groups"])
        for listener in set().union(*members):
            listener.hear(message, text)

    async def _hear(self, layer: Any, channel: str) -> None:
        while True:
            try:
                envelope = await layer.receive(channel)
                for news in envelope["news"]:
                    self._try_to_hand_out(news)
            except Exception:
                logger.exception("What a process said makes no sense")

    def _try_to_hand_out(self, news: dict[str, Any]) -> None:
        try:
            self.hand_out(news)
        except Exception:
            # What one message says wrongly must not make all others unheard.
            logger.exception("A message could not be handed to its sockets")


async def tell_sockets(groups: Iterable[str], message: dict[str, Any]) -> None:
    """Tell the sockets of `groups`, in whatever process they are.

    `message` has a `type` as browsers know it, and whatever else JSON can hold.

    :raises redis.exceptions.RedisError, OSError: while Valkey is away
    """
    await tell_sockets_all([(groups, message)])


async def tell_sockets_all(
    news: Iterable[tuple[Iterable[str], dict[str, Any]]],
) -> None:
    """Tell several messages in their order, each to its groups, at one go.

    :raises redis.exceptions.RedisError, OSError: while Valkey is away
    """
    layer = get_channel_layer()
    assert layer is not None
    envelope = {
        "type": "sockets",
        "news": [
            {"groups": list(groups), "message": message} for groups, message in news
        ],
    }
    await layer.group_send(EVERY_PROCESS, envelope)


_switchboards: WeakKeyDictionary[asyncio.AbstractEventLoop, Switchboard] = (
    WeakKeyDictionary()
)


def switchboard() -> Switchboard:
    """Return the switchboard of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _switchboards.get(loop)
    if found is None:
        found = _switchboards[loop] = Switchboard()
    return found
