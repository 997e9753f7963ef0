"""What one socket still has to say to its browser, in order and bounded.

Whoever speaks to many sockets must not wait for the slowest, and a browser that does
not read must not fill the memory.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

MOST_WAITING = 50


class SendQueue:
    """Sends texts one after the other, from a task that lives while there are any."""

    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        *,
        instead_of_too_many: Callable[[], list[str]],
    ) -> None:
        """Make one for a socket that `send` writes to.

        :param instead_of_too_many: what tells the browser to fetch afresh, sent in
            place of whatever waited when more than MOST_WAITING did
        """
        self._send = send
        self._instead = instead_of_too_many
        self._waiting: deque[str] = deque()
        self._sending: asyncio.Task[None] | None = None

    def put(self, text: str) -> None:
        """Send `text` soon; returns at once."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._waiting.extend(self._instead())
        self._waiting.append(text)
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        try:
            # A socket that closes meanwhile is told of by its own disconnect.
            with contextlib.suppress(OSError, RuntimeError):
                while self._waiting:
                    await self._send(self._waiting.popleft())
        finally:
            self._sending = None

    def close(self) -> None:
        """Forget what waits; the socket is gone."""
        self._waiting.clear()
        if self._sending is not None:
            self._sending.cancel()
