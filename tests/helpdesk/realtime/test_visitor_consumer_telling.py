import asyncio

import pytest
from django.utils import timezone

from helpdesk.chat.attendance import on_the_site
from helpdesk.chat.events import VisitorTyping
from helpdesk.chat.models import Visit
from helpdesk.core.events import emit
from helpdesk.realtime import visitor_consumer
from tests.factories.accounts import UserFactory
from tests.factories.chat import VisitorFactory, WebchatChannelFactory
from tests.helpdesk.realtime.guests import HOME, a_chat, do, empty_site, make
from tests.helpdesk.realtime.socket import Socket, VisitorSocket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


@pytest.fixture(autouse=True)
def _empty_site():
    empty_site()


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
        await make(empty_site)()

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
