"""A network between visitors and the desk that drops, delays and goes dead.

Two of its three faults a browser notices, sooner or later; the third, a line that
carries nothing in one direction, it does not.
"""

import asyncio
import contextlib
import random
from collections import Counter
from enum import StrEnum

CHUNK = 16 * 1024
DROP_CHANCE = 0.01
"""Of each piece of data: the connection it belongs to is cut instead."""
LONGEST_DELAY_SECONDS = 0.15
DELAY_CHANCE = 0.2


class Weather(StrEnum):
    """What the line does to whatever goes over it."""

    ROUGH = "rough"
    """Pieces are late, and now and then a connection is cut."""
    CUT = "cut"
    """Every connection is cut, and none is let in."""
    DEAF = "deaf"
    """Nothing comes through from visitors, though nothing is cut."""
    MUTE = "mute"
    """Nothing comes through to visitors, though nothing is cut."""


class BadLine:
    """A port of ours that leads to another one, as well as the weather lets it."""

    def __init__(self, *, to_port: int, chance: random.Random) -> None:
        self.to_port, self.chance = to_port, chance
        self.weather = Weather.ROUGH
        self.happened: Counter[str] = Counter()
        self._open: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen, and return on which port."""
        self._server = await asyncio.start_server(self._let_in, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._cut_all()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def change(self, weather: Weather) -> None:
        self.weather = weather
        self._changed.set()
        self._changed = asyncio.Event()
        self.happened[weather.value] += 1
        if weather == Weather.CUT:
            self._cut_all()

    def _cut_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    def _let_in(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.weather == Weather.CUT:
            writer.transport.abort()
            return
        try:
            inner, outer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, outer}
        try:
            await asyncio.gather(
                self._carry(reader, outer, dead_in=Weather.DEAF),
                self._carry(inner, writer, dead_in=Weather.MUTE),
            )
        finally:
            self._open -= {writer, outer}
            writer.transport.abort()
            outer.transport.abort()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        dead_in: Weather,
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(CHUNK):
                if self.weather == dead_in:
                    # What was sent into a dead line is gone with its connection.
                    self.happened["pieces lost"] += 1
                    await self._changed.wait()
                    break
                if self.chance.random() < DROP_CHANCE:
                    self.happened["connections cut"] += 1
                    break
                if self.chance.random() < DELAY_CHANCE:
                    delay = self.chance.uniform(0, LONGEST_DELAY_SECONDS)
                    await asyncio.sleep(delay)
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()
