import asyncio

import pytest

from helpdesk.realtime.send_queue import MOST_WAITING, SendQueue

pytestmark = pytest.mark.asyncio


class Wire:
    """What was written, and a gate that holds the writing up."""

    def __init__(self):
        self.written = []
        self.gate = asyncio.Event()
        self.grew = asyncio.Event()

    async def write(self, text):
        await self.gate.wait()
        self.written.append(text)
        self.grew.set()

    async def has_written(self, count):
        while len(self.written) < count:
            self.grew.clear()
            await self.grew.wait()


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def send_queue(wire):
    return SendQueue(wire.write, instead_of_too_many=lambda: ["fetch all"])


class TestSendQueue:
    async def test_keeps_the_order(self, wire, send_queue):
        for text in "abc":
            send_queue.put(text)
        wire.gate.set()

        await asyncio.wait_for(wire.has_written(3), 5)

        assert wire.written == ["a", "b", "c"]

    async def test_tells_a_browser_that_fell_behind_to_fetch(self, wire, send_queue):
        send_queue.put("being written")
        await asyncio.sleep(0)
        for number in range(MOST_WAITING + 2):
            send_queue.put(str(number))
        wire.gate.set()

        await asyncio.wait_for(wire.has_written(4), 5)

        last = [str(MOST_WAITING), str(MOST_WAITING + 1)]
        assert wire.written == ["being written", "fetch all", *last]

    async def test_goes_on_after_a_write_that_failed(self, wire):
        async def fail_once(text):
            if text == "bad":
                raise OSError
            await wire.write(text)

        send_queue = SendQueue(fail_once, instead_of_too_many=list)
        wire.gate.set()
        send_queue.put("bad")
        await asyncio.sleep(0)
        send_queue.put("good")

        await asyncio.wait_for(wire.has_written(1), 5)

        assert wire.written == ["good"]

    async def test_writes_nothing_once_it_is_closed(self, wire, send_queue):
        send_queue.put("a")
        await asyncio.sleep(0)
        send_queue.close()
        wire.gate.set()
        for _ in range(5):
            await asyncio.sleep(0)

        assert wire.written == []
