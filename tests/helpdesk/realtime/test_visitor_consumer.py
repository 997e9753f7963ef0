import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.actions import merge_customers
from helpdesk.chat.attendance import on_the_site
from helpdesk.chat.events import SeenByAgent, VisitorAccessChanged, VisitorTyping
from helpdesk.chat.models import Visit, Visitor
from helpdesk.core.doorbell import valkey
from helpdesk.core.events import emit
from helpdesk.realtime import visitor_consumer
from helpdesk.realtime.entrance import MOST_OF_VISITOR, entrance
from helpdesk.realtime.frames import MAX_PER_WINDOW
from helpdesk.realtime.outage import everybody_catches_up
from helpdesk.realtime.rounds import look_in
from helpdesk.realtime.switchboard import switchboard
from inbox.actions.conversations import (
    close_conversation,
    mark_as_spam,
    reopen_conversation,
)
from inbox.actions.messages import Writing, add_note
from inbox.actions.receiving import receive_message
from inbox.contract import Sender
from inbox.models import Channel
from tests.factories.accounts import UserFactory
from tests.factories.chat import VisitorFactory, WebchatChannelFactory
from tests.factories.inbox import InboundMessageFactory
from tests.helpdesk.chat.chats import chat, visitor_of
from tests.helpdesk.realtime.socket import Socket, VisitorSocket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

make = sync_to_async
do = database_sync_to_async
HOME = "https://shop.example/"


@pytest.fixture(autouse=True)
def _empty_site():
    for key in valkey().scan_iter("site:*"):
        valkey().delete(key)


async def a_chat(**fields):
    conversation = await make(chat)(**fields)
    return conversation, await make(visitor_of)(conversation)


def write(visitor, text="Hello"):
    """What the journal hands over when this visitor writes into a new topic."""
    key = f"chat:{visitor.public_id}:{text}"
    inbound = InboundMessageFactory(
        external_id=f"{visitor.public_id}:{text}",
        sender=Sender(
            kind="chat", handle=visitor.identity.value, scope=visitor.identity.scope
        ),
        text=text,
        thread_keys=(key,),
        own_keys=(key,),
    )
    return receive_message(channel=visitor.channel, inbound=inbound).item.conversation


def changed(conversation):
    return {"type": "conversation.changed", "id": str(conversation.public_id)}


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


class TestHearing:
    async def test_hears_of_a_change_without_our_ids(self):
        conversation, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        await do(close_conversation)(conversation_id=conversation.pk, actor=None)

        assert await socket.hear("conversation.changed") == changed(conversation)
        await socket.close()

    async def test_hears_nothing_of_notes(self):
        conversation, visitor = await a_chat()
        agent = await make(UserFactory)()
        socket = await VisitorSocket().enter(visitor)

        await do(add_note)(
            conversation_id=conversation.pk, author=agent, writing=Writing(text="Hm")
        )

        assert await socket.receive_nothing(timeout=0.4)
        await socket.close()

    async def test_hears_only_of_their_own(self):
        conversation, visitor = await a_chat()
        foreign, _ = await a_chat(address="other@shop.example")
        socket = await VisitorSocket().enter(visitor)

        await do(close_conversation)(conversation_id=foreign.pk, actor=None)
        await do(close_conversation)(conversation_id=conversation.pk, actor=None)

        assert await socket.hear("conversation.changed") == changed(conversation)
        await socket.close()

    async def test_hears_of_what_they_begin_now(self):
        visitor = await make(VisitorFactory)()
        socket = await VisitorSocket().enter(visitor)

        conversation = await do(write)(visitor)
        first = await socket.hear("conversation.changed")
        await do(close_conversation)(conversation_id=conversation.pk, actor=None)

        assert first == changed(conversation)
        assert await socket.hear("conversation.changed") == first
        await socket.close()

    async def test_hears_of_what_began_while_it_came_in(self, monkeypatch):
        monkeypatch.setattr(visitor_consumer, "AGAIN_SECONDS", 0.3)
        visitor = await make(VisitorFactory)()
        socket = await VisitorSocket().enter(visitor)
        (consumer,) = switchboard().listeners
        switchboard().leave(consumer, consumer.joined)

        conversation = await do(write)(visitor)

        assert await socket.hear("conversation.changed") == changed(conversation)
        await socket.close()

    async def test_hears_on_a_second_device_of_somebody_known(self):
        phone = await make(VisitorFactory)(proven="42")
        laptop = await make(VisitorFactory)(
            channel=phone.channel, identity=phone.identity, is_proven=True
        )
        socket = await VisitorSocket().enter(laptop)

        conversation = await do(write)(phone)

        assert await socket.hear("conversation.changed") == changed(conversation)
        await socket.close()

    async def test_hears_that_an_agent_has_read(self):
        conversation, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        await do(emit)(SeenByAgent(conversation_id=conversation.pk, seq=1))

        assert await socket.hear("conversation.changed") == changed(conversation)
        await socket.close()

    async def test_sees_more_once_customers_are_merged(self):
        visitor = await make(VisitorFactory)(proven="42")
        other = await make(VisitorFactory)(channel=visitor.channel, proven="43")
        conversation = await do(write)(other)
        boss = await make(UserFactory)(role="admin")
        socket = await VisitorSocket().enter(visitor)

        await do(merge_customers)(
            kept_id=visitor.identity.customer_id,
            absorbed_id=other.identity.customer_id,
            reasons=[],
            actor=boss,
        )

        assert await socket.hear("conversation.changed") == changed(conversation)
        await socket.close()

    async def test_catches_up_after_an_outage(self, monkeypatch):
        monkeypatch.setattr(visitor_consumer, "CATCH_UP_SPREAD", 0)
        _, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        await everybody_catches_up()

        await socket.hear("catch.up")
        await socket.close()


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


class TestTyping:
    async def both(self, conversation, visitor, agent=None):
        agent = agent or await make(UserFactory)(name="Noor Okafor")
        desk = await Socket(agent).open()
        await desk.say({"type": "view", "conversation": conversation.pk})
        await desk.hear("presence")
        return desk, await VisitorSocket().enter(visitor)

    async def test_agents_who_look_see_that_the_visitor_writes(self):
        conversation, visitor = await a_chat()
        desk, socket = await self.both(conversation, visitor)

        typing = {"type": "typing", "conversation": str(conversation.public_id)}
        await socket.say(typing | {"on": True})
        seen = await desk.hear("customer.typing")
        await socket.say(typing | {"on": False})

        customer = await make(lambda: conversation.identity.customer)()
        assert seen["conversation"] == conversation.pk
        assert seen["name"] == customer.name
        assert seen["on"] is True
        assert (await desk.hear("customer.typing"))["on"] is False
        await desk.close()
        await socket.close()

    async def test_ends_when_the_visitor_goes(self):
        conversation, visitor = await a_chat()
        desk, socket = await self.both(conversation, visitor)
        public_id = str(conversation.public_id)

        await socket.say({"type": "typing", "conversation": public_id, "on": True})
        await desk.hear("customer.typing")
        await socket.close()

        assert (await desk.hear("customer.typing"))["on"] is False
        await desk.close()

    async def test_passes_the_same_on_only_now_and_then(self):
        conversation, visitor = await a_chat()
        desk, socket = await self.both(conversation, visitor)
        typing = {"type": "typing", "conversation": str(conversation.public_id)}

        for _ in range(10):
            await socket.say(typing | {"on": True})
        await desk.hear("customer.typing")

        assert await desk.receive_nothing(timeout=0.3)
        await desk.close()
        await socket.close()

    async def test_says_nothing_of_conversations_of_others(self):
        _, visitor = await a_chat()
        foreign, _ = await a_chat(address="other@shop.example")
        desk, socket = await self.both(foreign, visitor)

        for said in (str(foreign.public_id), foreign.pk, "%", "conversation.*", None):
            await socket.say({"type": "typing", "conversation": said, "on": True})

        assert await desk.receive_nothing(timeout=0.4)
        await desk.close()
        await socket.close()

    async def test_the_visitor_sees_that_an_agent_answers(self):
        conversation, visitor = await a_chat()
        desk, socket = await self.both(conversation, visitor)
        replying = {"type": "replying", "conversation": conversation.pk}

        await desk.say(replying | {"on": True})
        seen = await socket.hear("typing")
        await desk.say(replying | {"on": False})

        public_id = str(conversation.public_id)
        typing = {"type": "typing", "conversation": public_id, "name": "Noor"}
        assert seen == typing | {"on": True}
        assert await socket.hear("typing") == typing | {"on": False}
        await desk.close()
        await socket.close()

    async def test_the_visitor_sees_nothing_of_notes(self):
        conversation, visitor = await a_chat()
        desk, socket = await self.both(conversation, visitor)

        replying = {"type": "replying", "conversation": conversation.pk, "on": True}
        await desk.say(replying | {"note": True})

        assert await socket.receive_nothing(timeout=0.4)
        await desk.say(replying)
        await socket.hear("typing")
        await desk.say(replying | {"note": True})
        assert (await socket.hear("typing"))["on"] is False
        await desk.close()
        await socket.close()

    async def test_comes_without_a_socket_as_well(self):
        conversation, visitor = await a_chat()
        desk, socket = await self.both(conversation, visitor)

        await do(emit)(
            VisitorTyping(
                conversation_id=conversation.pk, visitor_id=visitor.pk, is_on=True
            )
        )

        seen = await desk.hear("customer.typing")
        assert (seen["conversation"], seen["on"]) == (conversation.pk, True)
        await desk.close()
        await socket.close()


class TestLookingAtPages:
    async def on_site(self, visitor):
        from django.utils import timezone

        return await make(on_the_site)([visitor.channel_id], now=timezone.now())

    async def wait_for(self, condition):
        for _ in range(100):
            if found := await condition():
                return found
            await asyncio.sleep(0.02)
        raise AssertionError("it never came")

    async def test_tells_where_the_visitor_is(self):
        _, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        url = f"{HOME}tents?key=secret#top"
        await socket.say({"type": "page", "title": "Tents", "url": url})
        (there,) = await self.wait_for(lambda: self.on_site(visitor))
        visit = await self.wait_for(do(Visit.objects.first))

        assert (there.visitor_id, there.title) == (visitor.pk, "Tents")
        assert there.url == f"{HOME}tents"
        assert [page["url"] for page in visit.pages] == [f"{HOME}tents"]
        await socket.close()

    async def test_remembers_it_though_valkey_forgets(self, monkeypatch):
        monkeypatch.setattr(visitor_consumer, "STAY_PAUSE", 0)
        _, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)
        for part in ("tents", "boots"):
            await socket.say({"type": "page", "title": part, "url": HOME + part})
        await self.wait_for(do(Visit.objects.filter(pages__1__title="boots").first))
        await socket.say({"type": "ping"})
        (before,) = await self.wait_for(lambda: self.on_site(visitor))
        await make(_empty_site.__wrapped__)()

        await socket.say({"type": "ping"})
        (after,) = await self.wait_for(lambda: self.on_site(visitor))

        assert after == before
        assert after.page_count == 2
        await socket.close()

    @pytest.mark.parametrize("header", [b"dnt", b"sec-gpc"])
    async def test_notes_nothing_of_whoever_asks_for_that(self, header):
        _, visitor = await a_chat()
        socket = await VisitorSocket(headers=[(header, b"1")]).enter(visitor)

        await socket.say({"type": "page", "title": "Tents", "url": HOME})
        await socket.close()

        assert not await self.on_site(visitor)
        assert not await do(Visit.objects.exists)()

    async def test_notes_nothing_where_that_is_switched_off(self):
        channel = await make(WebchatChannelFactory)(chat={"tracks_visits": False})
        visitor = await make(VisitorFactory)(channel=channel)
        socket = await VisitorSocket().enter(visitor)

        await socket.say({"type": "page", "title": "Tents", "url": HOME})
        await socket.close()

        assert not await self.on_site(visitor)


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
