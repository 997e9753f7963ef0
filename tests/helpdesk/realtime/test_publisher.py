import asyncio
from contextlib import asynccontextmanager

import pytest
from channels.layers import get_channel_layer

from helpdesk.realtime.publisher import MOST_TOGETHER, Publisher
from helpdesk.realtime.switchboard import EVERY_PROCESS, switchboard

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def listening():
    """Yield what every process hears, as it comes over Valkey."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(EVERY_PROCESS, channel)

    async def next_envelope():
        return await asyncio.wait_for(layer.receive(channel), 5)

    yield next_envelope
    await layer.group_discard(EVERY_PROCESS, channel)


class Listener:
    def __init__(self):
        self.heard = asyncio.Queue()

    def hear(self, message, text):
        self.heard.put_nowait(message)


def change(number):
    return {"type": "conversation.changed", "id": number}


class TestPublisher:
    async def test_sends_together_what_is_said_at_once(self):
        async with listening() as next_envelope:
            publisher = Publisher()
            for number in range(60):
                publisher.publish(["team.1"], change(number))

            told, envelopes = [], 0
            while len(told) < 60:
                news = (await next_envelope())["news"]
                assert len(news) <= MOST_TOGETHER
                told += news
                envelopes += 1

        assert told == [
            {"groups": ["team.1"], "message": change(number)} for number in range(60)
        ]
        # Three, unless the machine pauses in between.
        assert envelopes <= 10

    async def test_says_the_same_thing_once_to_all_groups(self):
        async with listening() as next_envelope:
            publisher = Publisher()
            publisher.publish(["team.1"], change(1))
            publisher.publish(["team.1", "agent.2"], change(1))
            publisher.publish(["team.1"], change(2))

            news = (await next_envelope())["news"]

        assert [one["message"] for one in news] == [change(1), change(2)]
        assert set(news[0]["groups"]) == {"team.1", "agent.2"}

    async def test_is_heard_by_sockets_in_the_order_it_was_said(self):
        listener, publisher = Listener(), Publisher()
        await switchboard().connect()
        switchboard().join(listener, {"team.1"})

        for number in range(40):
            publisher.publish(["team.1"], change(number))

        heard = [await asyncio.wait_for(listener.heard.get(), 5) for _ in range(40)]
        assert heard == [change(number) for number in range(40)]

    async def test_lets_one_senseless_message_make_no_other_unheard(self):
        listener, publisher = Listener(), Publisher()
        await switchboard().connect()
        switchboard().join(listener, {"team.1"})

        publisher.publish([("unhashable",)], change(1))
        publisher.publish(["team.1"], change(2))

        assert await asyncio.wait_for(listener.heard.get(), 5) == change(2)
