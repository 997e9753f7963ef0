import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.chat.events import VisitorAccessChanged
from helpdesk.chat.models import Visitor
from helpdesk.core.events import emit
from helpdesk.realtime import visitor_consumer
from helpdesk.realtime.entrance import MOST_OF_VISITOR, entrance
from helpdesk.realtime.frames import MAX_PER_WINDOW
from helpdesk.realtime.rounds import look_in
from helpdesk.realtime.switchboard import switchboard
from inbox.actions.conversations import (
    close_conversation,
    mark_as_spam,
    reopen_conversation,
)
from inbox.models import Channel
from tests.factories.chat import VisitorFactory
from tests.helpdesk.realtime.guests import HOME, a_chat, changed, do, make
from tests.helpdesk.realtime.socket import VisitorSocket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


def listening_to():
    """The conversations that the only open socket is told of."""
    (consumer,) = switchboard().listeners
    return consumer.guest.told.public_ids


class TestSayingHello:
    async def test_lets_in_whoever_has_a_token(self):
        _, visitor = await a_chat()

        socket = await VisitorSocket().enter(visitor)

        await socket.close()

    @pytest.mark.parametrize(
        "frame",
        [
            {"type": "hello"},
            {"type": "hello", "token": ""},
            {"type": "hello", "token": "7.secret"},
            {"type": "hello", "token": "%.%"},
            {"type": "hello", "token": ["x"]},
            {"type": "ping"},
            {"type": "typing", "conversation": "x", "on": True},
        ],
    )
    async def test_turns_away_whoever_has_none(self, frame):
        socket = await VisitorSocket().open()

        await socket.say(frame)

        assert await socket.is_closed_with() == visitor_consumer.NOT_KNOWN

    async def test_turns_away_a_wrong_secret(self):
        _, visitor = await a_chat()
        socket = await VisitorSocket().open()

        await socket.say({"type": "hello", "token": f"{visitor.public_id}.guess"})

        assert await socket.is_closed_with() == visitor_consumer.NOT_KNOWN

    async def test_turns_away_whoever_says_nothing(self, monkeypatch):
        monkeypatch.setattr(visitor_consumer, "HELLO_SECONDS", 0.05)
        socket = await VisitorSocket().open()

        assert await socket.is_closed_with() == visitor_consumer.NOT_KNOWN

    async def test_has_room_for_some_sockets_of_a_visitor_only(self):
        _, visitor = await a_chat()
        inside = [await VisitorSocket().enter(visitor) for _ in range(MOST_OF_VISITOR)]

        with pytest.raises(KeyError):  # it is closed before it hears that it is ready
            await VisitorSocket().enter(visitor)
        await inside.pop().close()
        again = await VisitorSocket().enter(visitor)

        for socket in (again, *inside):
            await socket.close()
        assert not entrance.known

    async def test_counts_nobody_who_has_gone(self):
        _, visitor = await a_chat()
        socket = await VisitorSocket(address="2001:db8::1").enter(visitor)
        assert entrance.inside["2001:db8::/64"] == 1

        await socket.close()

        assert not any((entrance.inside, entrance.unknown, entrance.known))
        assert not switchboard().listeners

    async def test_closes_at_the_door_to_a_flood_from_one_address(self, monkeypatch):
        monkeypatch.setitem(entrance.unknown, "203.0.113.7", 300)
        socket = VisitorSocket()

        await socket.send_input({"type": "websocket.connect"})

        assert (await socket.receive_output(5))["type"] == "websocket.close"


class TestLosingAccess:
    async def test_ends_as_soon_as_it_is_said(self):
        conversation, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        await do(Visitor.objects.update)(token_hash="given up")
        await do(emit)(VisitorAccessChanged(visitor_id=visitor.pk))

        assert await socket.hear("access.changed") == {"type": "access.changed"}
        assert await socket.is_closed_with() == visitor_consumer.NOT_KNOWN
        await do(close_conversation)(conversation_id=conversation.pk, actor=None)
        assert await socket.receive_nothing(timeout=0.3)

    async def test_ends_though_nobody_said_so(self):
        _, visitor = await a_chat()
        _, calm = await a_chat(address="other@shop.example")
        socket = await VisitorSocket().enter(visitor)
        staying = await VisitorSocket().enter(calm)
        await do(Channel.objects.filter(pk=visitor.channel_id).update)(is_active=False)

        await look_in(list(switchboard().listeners))

        await socket.hear("access.changed")
        assert await staying.receive_nothing(timeout=0.3)
        await staying.close()

    async def test_hears_no_more_of_what_was_marked_as_spam(self):
        conversation, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        await do(mark_as_spam)(conversation_id=conversation.pk, actor=None)
        while conversation.pk in listening_to():
            await socket.hear("conversation.changed")
        await do(reopen_conversation)(conversation_id=conversation.pk, actor=None)

        assert await socket.receive_nothing(timeout=0.4)
        await socket.close()

    async def test_hears_no_more_of_what_went_to_somebody_else(self):
        conversation, visitor = await a_chat()
        other = await make(VisitorFactory)()
        socket = await VisitorSocket().enter(visitor)
        (consumer,) = switchboard().listeners

        await do(conversation.participants.update)(identity=other.identity)
        await consumer.check_access()
        assert await socket.hear("conversation.changed") == changed(conversation)
        await do(close_conversation)(conversation_id=conversation.pk, actor=None)

        assert await socket.receive_nothing(timeout=0.4)
        await socket.close()


frames = st.one_of(
    st.text(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(json.dumps),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["hello", "typing", "page", "ping", "view"]),
            "conversation": st.none() | st.integers() | st.text() | st.lists(st.none()),
            "token": st.text(),
            "title": st.text() | st.integers(),
            "url": st.text().map(lambda text: HOME + text) | st.none(),
            "visit": st.text() | st.lists(st.none()),
            "on": st.booleans() | st.text(),
        }
    ).map(json.dumps),
)


class TestHostileFrames:
    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"text": "x" * 70_000}, 1009),
            ({"bytes": b"\x00\xff" * 40}, 1003),
            ({"text": "not json"}, 1007),
            ({"text": "[" * 3900}, 1007),
            ({"text": '{"a":' * 600 + "1"}, 1007),
            ({"text": "9" * 3900}, 1007),
        ],
    )
    @pytest.mark.parametrize("is_known", [True, False])
    async def test_close_their_own_socket_only(self, said, code, is_known):
        _, visitor = await a_chat()
        calm = await VisitorSocket().enter(visitor)
        hostile = VisitorSocket()
        await (hostile.enter(visitor) if is_known else hostile.open())

        await hostile.send_input({"type": "websocket.receive", **said})

        assert await hostile.is_closed_with() == code
        await calm.say({"type": "ping"})
        assert not calm.future.done()
        await calm.close()

    async def test_flooding_closes_the_socket(self):
        _, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        for _ in range(MAX_PER_WINDOW + 1):
            await socket.say({"type": "ping"})

        assert await socket.is_closed_with() == 1008

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    )
    @given(said=st.lists(frames, min_size=1, max_size=8), is_known=st.booleans())
    async def test_never_raise(self, said, is_known):
        visitor = await do(Visitor.objects.first)() or await make(VisitorFactory)()
        socket = VisitorSocket()
        await (socket.enter(visitor) if is_known else socket.open())

        for text in said:
            if not socket.future.done():
                await socket.say(text)

        await socket.close()
        assert socket.future.exception() is None
        assert not switchboard().listeners
