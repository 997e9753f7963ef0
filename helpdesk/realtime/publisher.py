"""Tell groups from ordinary, synchronous code without waiting for it.

One thread with one event loop in each process keeps its connection to Valkey, and
folds what is said twice within a blink into one message. What is said within a blink
leaves together; after a silence the blink is a short one, for somebody may be waiting.
What cannot be said is dropped: browsers fetch again when their socket returns, and
whenever they look.
"""

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterable
from typing import Any

from helpdesk.realtime.send_queue import MOST_WAITING
from helpdesk.realtime.switchboard import tell_sockets_all

logger = logging.getLogger(__name__)

FOLD_SECONDS = 0.015
FIRST_FOLD_SECONDS = 0.002
"""After a silence: long enough for what one commit says."""
MOST_TOGETHER = MOST_WAITING // 2
"""Messages that leave at one go: a socket that has room for them hears each."""
_Message = tuple[tuple[str, Any], ...]


class Publisher:
    """A thread that sends group messages; made for one process, never shared."""

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._waiting: dict[_Message, set[str]] = {}
        self._is_scheduled = False
        self._last_at = 0.0
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="realtime-publisher", daemon=True
        )
        self._thread.start()

    def publish_later(
        self, groups: Iterable[str], message: dict[str, Any], *, seconds: float
    ) -> None:
        """Queue `message` once so much time has passed; returns at once."""
        self._loop.call_soon_threadsafe(
            self._loop.call_later, seconds, self.publish, groups, message
        )

    def publish(self, groups: Iterable[str], message: dict[str, Any]) -> None:
        """Queue `message` for `groups`; returns at once."""
        frozen = tuple(sorted(message.items()))
        with self._lock:
            if not self._is_scheduled:
                self._loop.call_soon_threadsafe(
                    self._loop.call_later, self._fold_seconds(), self._flush
                )
                self._is_scheduled = True
            self._waiting.setdefault(frozen, set()).update(groups)

    def _fold_seconds(self) -> float:
        is_busy = time.monotonic() - self._last_at < FOLD_SECONDS
        return FOLD_SECONDS if is_busy else FIRST_FOLD_SECONDS

    def _flush(self) -> None:
        with self._lock:
            self._is_scheduled = False
            self._last_at = time.monotonic()
            waiting, self._waiting = self._waiting, {}
        self._loop.create_task(_send_all(waiting))


async def _send_all(waiting: dict[_Message, set[str]]) -> None:
    news = [(groups, dict(message)) for message, groups in waiting.items()]
    try:
        for first in range(0, len(news), MOST_TOGETHER):
            await tell_sockets_all(news[first : first + MOST_TOGETHER])
    except Exception as error:  # noqa: BLE001 - a hint, which Valkey may not take
        logger.warning("%s changes not told: %s", len(waiting), type(error).__name__)


_lock = threading.Lock()
_publisher: Publisher | None = None


def publish(groups: Iterable[str], message: dict[str, Any]) -> None:
    """Tell `groups` soon. Never raises, never waits, may be lost."""
    with contextlib.suppress(RuntimeError):
        _publisher_here().publish(groups, message)


def publish_later(
    groups: Iterable[str], message: dict[str, Any], *, seconds: float
) -> None:
    """Tell `groups` what others must hear before. Like `publish` in all else."""
    with contextlib.suppress(RuntimeError):
        _publisher_here().publish_later(groups, message, seconds=seconds)


def _publisher_here() -> Publisher:
    """Return the publisher of this process; a forked one has none yet."""
    global _publisher
    with _lock:
        if _publisher is None or _publisher.process_id != os.getpid():
            _publisher = Publisher()
        return _publisher
