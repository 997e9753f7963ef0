"""Rows 13 and 48 of the list of known weaknesses, at the sockets of visitors."""

import json

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async

from helpdesk.asgi import application
from helpdesk.chat.tokens import token_of
from helpdesk.realtime.switchboard import switchboard
from inbox.actions.conversations import close_conversation
from tests.factories import VisitorFactory, WebchatChannelFactory
from tests.factories.chat import SECRET
from tests.helpdesk.chat.chats import chat, visitor_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

make = sync_to_async
PATIENCE = 5


def connection(path, *headers):
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("203.0.113.9", 50_000),
    }
    return ApplicationCommunicator(application, scope)


async def opened(*headers):
    socket = connection("/ws/chat/", (b"origin", b"https://shop.example"), *headers)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(PATIENCE))["type"] == "websocket.accept"
    return socket


async def say(socket, said):
    await socket.send_input({"type": "websocket.receive", "text": json.dumps(said)})


async def closed(socket):
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(PATIENCE)


class TestVisitorsSocket:
    async def test_is_open_to_pages_of_others_with_a_token(self):
        conversation = await make(chat)()
        visitor = await make(visitor_of)(conversation)
        socket = await opened()

        await say(socket, {"type": "hello", "token": token_of(visitor, secret=SECRET)})

        ready = await socket.receive_output(PATIENCE)
        assert json.loads(ready["text"]) == {"type": "ready"}
        await closed(socket)

    async def test_believes_no_cookie(self):
        socket = await opened((b"cookie", b"tributary_session_8000=whatever"))

        await say(socket, {"type": "view", "conversation": 1})

        assert (await socket.receive_output(PATIENCE))["code"] == 4401

    @pytest.mark.parametrize(
        "wanted", ["%", "*", "chat.%", "chat.*", "conversation.%", "customer.*", "team"]
    )
    async def test_joins_no_group_by_its_name(self, wanted):
        mine, foreign = await make(chat)(), await make(chat)(address="b@shop.example")
        visitor = await make(visitor_of)(mine)
        socket = await opened()
        await say(socket, {"type": "hello", "token": token_of(visitor, secret=SECRET)})
        await socket.receive_output(PATIENCE)

        for kind in ("subscribe", "join", "view", "typing", "conversation.changed"):
            said = {"type": kind, "conversation": wanted, "group": wanted, "on": True}
            await say(
                socket, said | {"id": foreign.pk, "channel": f"chat.{foreign.pk}"}
            )
        await database_sync_to_async(close_conversation)(
            conversation_id=foreign.pk, actor=None
        )

        assert await socket.receive_nothing(timeout=0.3)
        (consumer,) = switchboard().listeners
        assert f"chat.{foreign.pk}" not in consumer.joined
        await closed(socket)


class TestRow48HostileFrames:
    @pytest.mark.parametrize(
        "said",
        [
            '{"type":"page","title":"\\ud800","url":"https://shop.example/\\ud800"}',
            '{"type":"page","url":"https://shop.example/","visit":"\\ud800"}',
            '{"type":"page","title":[],"url":{},"visit":1e999}',
            '{"type":"typing","conversation":"\\ud800\\u0000","on":true}',
            '{"type":"typing","conversation":{"pk":1},"on":"true"}',
            '{"type":"hello","token":"\\ud800"}',
            '{"type":["hello"]}',
            '{"type":"\\u0000"}',
            "{}",
        ],
    )
    async def test_change_nothing_for_who_is_there(self, said):
        visitor = await make(tracked)()
        socket = await opened()
        await say(socket, {"type": "hello", "token": token_of(visitor, secret=SECRET)})
        await socket.receive_output(PATIENCE)

        await socket.send_input({"type": "websocket.receive", "text": said})
        await say(socket, {"type": "ping"})

        assert await socket.receive_nothing(timeout=0.3)
        (consumer,) = switchboard().listeners
        assert consumer.guest.visitor_id == visitor.pk
        await closed(socket)

    @pytest.mark.parametrize(
        "token",
        ["\ud800", "PUBLIC.\ud800", "PUBLIC.\0", "PUBLIC." + "x" * 3000, "a" * 50],
    )
    async def test_let_nobody_in(self, token):
        visitor = await make(tracked)()
        socket = await opened()
        token = token.replace("PUBLIC", str(visitor.public_id))

        await say(socket, {"type": "hello", "token": token})

        assert (await socket.receive_output(PATIENCE))["code"] == 4401

    async def test_more_sockets_of_one_visitor_than_tabs_are_closed(self, monkeypatch):
        monkeypatch.setattr("helpdesk.realtime.entrance.MOST_OF_VISITOR", 1)
        visitor = await make(tracked)()
        said = {"type": "hello", "token": token_of(visitor, secret=SECRET)}
        first, second = await opened(), await opened()
        await say(first, said)
        await first.receive_output(PATIENCE)

        await say(second, said)

        assert (await second.receive_output(PATIENCE))["code"] == 4429
        await closed(first)

    async def test_sockets_that_say_nothing_are_few_for_one_address(self, monkeypatch):
        monkeypatch.setattr("helpdesk.realtime.entrance.MOST_UNKNOWN_OF_ADDRESS", 1)
        first = await opened()
        second = connection("/ws/chat/")

        await second.send_input({"type": "websocket.connect"})

        assert (await second.receive_output(PATIENCE))["type"] == "websocket.close"
        await closed(first)


def tracked():
    channel = WebchatChannelFactory(chat={"tracks_visits": True})
    return VisitorFactory(channel=channel)


class TestAgentsSocket:
    async def test_stays_closed_to_pages_of_others(self):
        socket = connection("/ws/agent/", (b"origin", b"https://evil.example"))

        await socket.send_input({"type": "websocket.connect"})

        assert (await socket.receive_output(PATIENCE))["type"] == "websocket.close"
