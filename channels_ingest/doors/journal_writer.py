"""One thread that journals for many: whoever comes meanwhile shares the next commit."""

import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future

from django.db import InterfaceError, OperationalError, close_old_connections

from channels_ingest.actions.journal import Handed, Recorded, record_batch

logger = logging.getLogger(__name__)

MAX_TOGETHER = 100
MAX_BYTES_TOGETHER = 32 * 1024 * 1024

_Waiting = tuple[Handed, "Future[Recorded]"]


class JournalWriter:
    """Keeps what sessions hand over; each learns about it after the commit only."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what was handed over before, then end."""
        self._queue.put(None)
        self._thread.join()

    def submit(self, handed: Handed) -> "Future[Recorded]":
        """Return what will be known after the commit, or the error that kept it off."""
        future: Future[Recorded] = Future()
        self._queue.put((handed, future))
        return future

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            waiting, is_last = self._with_others(first)
            self._write(waiting)
            if is_last:
                return

    def _with_others(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        waiting, size = [first], len(first[0].raw)
        while len(waiting) < MAX_TOGETHER and size < MAX_BYTES_TOGETHER:
            try:
                one = self._queue.get_nowait()
            except queue.Empty:
                break
            if one is None:
                return waiting, True
            waiting.append(one)
            size += len(one[0].raw)
        return waiting, False

    def _write(self, waiting: Sequence[_Waiting]) -> None:
        close_old_connections()
        try:
            recorded = record_batch(handed=[handed for handed, _ in waiting])
        except Exception as error:  # noqa: BLE001
            # Each waiting session has to be told; the thread goes on for the next.
            self._write_apart(waiting, error)
        else:
            for (_, future), one in zip(waiting, recorded, strict=True):
                future.set_result(one)
        finally:
            close_old_connections()

    def _write_apart(self, waiting: Sequence[_Waiting], error: Exception) -> None:
        """Find out which of them cannot be stored, unless nothing can."""
        is_away = isinstance(error, OperationalError | InterfaceError)
        if is_away or len(waiting) == 1:
            logger.error("journal not written: %s", type(error).__name__)
            for _, future in waiting:
                future.set_exception(error)
            return
        for one in waiting:
            self._write([one])
