"""Have raw input read by other processes, which may fail, hang or grow too large."""

import contextlib
import itertools
import os
import pickle
import queue
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from channels_ingest.base import Account, Examination, RawInput
from channels_ingest.reading_child import Outcome, outcome_from, receive, send

MEMORY_BYTES = 1024 * 1024 * 1024
FIRST_SECONDS = 5.0
"""Time for a first try, while others wait in line behind it."""
RETRY_SECONDS = 20.0
START_SECONDS = 60.0
CHILDREN_FOR_ONE = 2
"""How many may die of one input before it counts as a failed try."""
READS_BEFORE_RENEWAL = 5000
"""A child is replaced after so many, whatever its libraries may have leaked."""
RUN = 4
"""Inputs handed to one child together."""
SMALL = 32 * 1024
"""Bytes: all of a run fit into a socket that nobody reads yet."""
REST_SECONDS = 120.0
TOO_SLOW = "Reading it took too long."
DIED = "The program that reads it ended unexpectedly."
_ROOT = Path(__file__).resolve().parent.parent

T = TypeVar("T")


class ReadingImpossible(Exception):
    """The program that reads does not even start: no input is to blame."""


class ReadingChild:
    """One process that reads; started when needed, replaced when it fails."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._account: Account | None = None
        self._reads = 0
        self._used_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def read(
        self, account: Account, raw: RawInput | Examination, *, seconds: float
    ) -> Outcome:
        """Read one input within `seconds`; never raises for what is in it.

        :raises ReadingImpossible: if no child can be started
        """
        return self.read_run(account, [raw], seconds=seconds)[0]

    def read_run(
        self,
        account: Account,
        run: Sequence[RawInput | Examination],
        *,
        seconds: float,
    ) -> list[Outcome]:
        """Read a few inputs, each within `seconds`.

        A child that dies may not have died of its input: another one is asked at
        once, or what came after it would overtake it.

        :raises ReadingImpossible: if no child can be started
        """
        outcomes: list[Outcome] = []
        deaths = 0
        while len(outcomes) < len(run):
            try:
                for outcome in self._ask(account, run[len(outcomes) :], seconds):
                    outcomes.append(outcome)
                    deaths = 0
            except TimeoutError:
                self.close()
                outcomes.append(Outcome(reason=TOO_SLOW))
                deaths = 0
            except (OSError, EOFError, pickle.UnpicklingError):
                self.close()
                deaths += 1
                if deaths == CHILDREN_FOR_ONE:
                    outcomes.append(Outcome(reason=DIED))
                    deaths = 0
        return outcomes

    def _ask(
        self, account: Account, run: Sequence[RawInput | Examination], seconds: float
    ) -> Iterator[Outcome]:
        connection = self._ready_for(account)
        connection.settimeout(seconds)
        questions = [pickle.dumps(raw) for raw in run]
        asked = 0
        for number in range(len(questions)):
            # What is small waits at the child already, so that it never waits for us.
            # What is large could fill the socket in both directions at once.
            while asked < len(questions) and (
                asked == number or len(questions[asked]) <= SMALL
            ):
                send(connection, questions[asked])
                asked += 1
            answer = receive(connection)
            if answer is None:
                raise EOFError
            self._reads += 1
            self._used_at = time.monotonic()
            yield outcome_from(answer)

    def _ready_for(self, account: Account) -> socket.socket:
        if self._connection is not None and self._is_fit:
            if self._account is account:
                return self._connection
            # It may have died a moment ago, unnoticed: then a new one is asked.
            with contextlib.suppress(ReadingImpossible):
                return self._introduce(self._connection, account)
        return self._introduce(self._start(), account)

    @property
    def _is_fit(self) -> bool:
        return (
            self._reads < READS_BEFORE_RENEWAL
            and self._process is not None
            and self._process.poll() is None
        )

    def _introduce(self, connection: socket.socket, account: Account) -> socket.socket:
        # Loading the adapter is not part of the time that reading may take.
        connection.settimeout(START_SECONDS)
        try:
            send(connection, pickle.dumps(account))
            if receive(connection) is None:
                raise ReadingImpossible
        except OSError as error:
            raise ReadingImpossible from error
        self._account = account
        return connection

    def _start(self) -> socket.socket:
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [
                    sys.executable,
                    "-m",
                    "channels_ingest.reading_child",
                    str(theirs.fileno()),
                    str(self._memory_bytes),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=_ROOT,
            )
        self._connection = ours
        self._account = None
        self._reads = 0
        return ours

    def rests_since(self) -> float:
        """Return for how many seconds it has had nothing to do."""
        return time.monotonic() - self._used_at

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class ReadingPool:
    """Several children that read at the same time; the results keep their order."""

    def __init__(self, *, size: int | None = None) -> None:
        self.size = size or max(1, min(4, os.cpu_count() or 1))
        # The one used last is used next: when little comes in, the others may rest.
        self._idle: queue.LifoQueue[ReadingChild] = queue.LifoQueue()
        self._children = [ReadingChild() for _ in range(self.size)]
        for child in self._children:
            self._idle.put(child)
        self._threads = ThreadPoolExecutor(self.size, thread_name_prefix="reading")

    def read_all(
        self,
        account: Account,
        inputs: Sequence[RawInput],
        *,
        seconds: float,
        then: Callable[[int, Outcome], T],
    ) -> Iterator[T]:
        """Yield `then(number, outcome)` for each input in order.

        `then` runs in a thread, while the children go on reading.
        """

        def work(first: int) -> list[T]:
            run = inputs[first : first + RUN]
            child = self._idle.get()
            try:
                outcomes = child.read_run(account, run, seconds=seconds)
            finally:
                self._idle.put(child)
            return [then(first + n, outcome) for n, outcome in enumerate(outcomes)]

        runs = self._threads.map(work, range(0, len(inputs), RUN))
        return itertools.chain.from_iterable(runs)

    def examine(self, account: Account, raw: RawInput) -> Outcome:
        """Read one input and say how it was read; nothing is stored."""
        child = self._idle.get()
        try:
            return child.read(account, Examination(raw=raw), seconds=RETRY_SECONDS)
        finally:
            self._idle.put(child)

    def let_rest(self, *, after: float = REST_SECONDS) -> None:
        """End the children that have had nothing to do for `after` seconds.

        They come back when they are needed; until then their memory is free.
        """
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._idle.get_nowait())
        for child in reversed(found):
            if child.rests_since() > after:
                child.close()
            self._idle.put(child)

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.close()

    def __enter__(self) -> "ReadingPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Shared:
    """The pool of this process; a forked copy of it belongs to the parent."""

    def __init__(self) -> None:
        self.pool: ReadingPool | None = None
        self.owner = 0


_shared = _Shared()


def shared_pool() -> ReadingPool:
    """Return this process's pool, so that children live from batch to batch."""
    if _shared.pool is None or _shared.owner != os.getpid():
        _shared.pool = ReadingPool()
        _shared.owner = os.getpid()
    return _shared.pool


def close_shared_pool() -> None:
    pool, _shared.pool = _shared.pool, None
    if pool is not None and _shared.owner == os.getpid():
        with contextlib.suppress(OSError):
            pool.close()
