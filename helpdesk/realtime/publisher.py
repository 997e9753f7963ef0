"""Tell groups from ordinary, synchronous code without waiting for it.

One thread with one event loop in each process keeps its connection to Valkey, and
folds what is said twice within a blink into one message. What cannot be said is
dropped: browsers fetch again when their socket returns, and whenever they look.
"""

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Iterable
from typing import Any

from helpdesk.realtime.switchboard import tell_sockets

logger = logging.getLogger(__name__)

FOLD_SECONDS = 0.015
_Message = tuple[tuple[str, Any], ...]


class Publisher:
    """A thread that sends group messages; made for one process, never shared."""

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._waiting: dict[_Message, set[str]] = {}
        self._is_scheduled = False
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="realtime-publisher", daemon=True
        )
        self._thread.start()

    def publish(self, groups: Iterable[str], message: dict[str, Any]) -> None:
        """Queue `message` for `groups`; returns at once."""
        frozen = tuple(sorted(message.items()))
        self._loop.call_soon_threadsafe(self._add, tuple(groups), frozen)

    def _add(self, groups: tuple[str, ...], message: _Message) -> None:
        self._waiting.setdefault(message, set()).update(groups)
        if not self._is_scheduled:
            self._is_scheduled = True
            self._loop.call_later(FOLD_SECONDS, self._flush)

    def _flush(self) -> None:
        self._is_scheduled = False
        waiting, self._waiting = self._waiting, {}
        self._loop.create_task(_send_all(waiting))


async def _send_all(waiting: dict[_Message, set[str]]) -> None:
    try:
        for message, groups in waiting.items():
            await tell_sockets(groups, dict(message))
    except Exception as error:  # noqa: BLE001 - a hint, which Valkey may not take
        logger.warning("%s changes not told: %s", len(waiting), type(error).__name__)


_lock = threading.Lock()
_publisher: Publisher | None = None


def publish(groups: Iterable[str], message: dict[str, Any]) -> None:
    """Tell `groups` soon. Never raises, never waits, may be lost."""
    global _publisher
    with _lock:
        if _publisher is None or _publisher.process_id != os.getpid():
            _publisher = Publisher()
    with contextlib.suppress(RuntimeError):
        _publisher.publish(groups, message)
