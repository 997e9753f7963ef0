from datetime import datetime

import pytest

from customers.actions import merge_customers
from helpdesk.chat.actions.reading import mark_seen
from helpdesk.chat.events import SeenByAgent
from helpdesk.core.events import emit
from helpdesk.realtime import visitor_consumer
from helpdesk.realtime.outage import everybody_catches_up
from helpdesk.realtime.switchboard import switchboard
from inbox.actions.conversations import close_conversation
from inbox.actions.messages import Writing, add_note
from tests.factories.accounts import UserFactory
from tests.factories.chat import VisitorFactory
from tests.helpdesk.chat.visiting import answer_in
from tests.helpdesk.realtime.guests import a_chat, changed, do, make, write
from tests.helpdesk.realtime.socket import VisitorSocket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


class TestHearing:
    async def test_hears_of_a_change_without_our_ids(self):
        conversation, visitor = await a_chat()
        socket = await VisitorSocket().enter(visitor)

        await do(close_conversation)(conversation_id=conversation.pk, actor=None)

        assert await socket.hear("conversation.changed") == changed(conversation)
        await socket.close()

    async def test_hears_which_message_it_was_that_they_wrote(self):
        visitor = await make(VisitorFactory)()
        conversation = await do(write)(visitor, "Hello")
        socket = await VisitorSocket().enter(visitor)

        await do(write)(visitor, "Again", topic="Hello")

        for number in (1, 2):
            heard = await socket.hear("conversation.changed")
            assert heard == changed(conversation) | {"seq": number}
        await socket.close()

    async def test_hears_what_was_seen_on_another_device(self):
        conversation, visitor = await a_chat()
        agent = await make(UserFactory)()
        answer = await do(answer_in)(conversation, agent=agent)
        socket = await VisitorSocket().enter(visitor)

        await do(mark_seen)(visitor=visitor, conversation=conversation, seq=answer.seq)

        heard = await socket.hear("conversation.changed")
        assert heard == changed(conversation) | {"seen_seq": answer.seq}
        assert await socket.receive_nothing(timeout=0.4)
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

        heard = await socket.hear("conversation.seen")
        assert (heard["id"], heard["seq"]) == (str(conversation.public_id), 1)
        assert datetime.fromisoformat(heard["at"]).tzinfo is not None
        await socket.close()

    async def test_hears_of_an_answer_once(self):
        conversation, visitor = await a_chat()
        agent = await make(UserFactory)()
        socket = await VisitorSocket().enter(visitor)

        await do(answer_in)(conversation, agent=agent)

        assert await socket.hear("conversation.changed") == changed(conversation)
        assert await socket.receive_nothing(timeout=0.4)
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
