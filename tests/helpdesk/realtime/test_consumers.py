import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser

from helpdesk.realtime.consumers import NOT_SIGNED_IN
from helpdesk.realtime.groups import groups_to_tell
from helpdesk.realtime.publisher import publish
from helpdesk.realtime.switchboard import switchboard
from inbox.actions.assignment import assign_team
from inbox.actions.messages import Writing, add_note
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.inbox import ConversationFactory
from tests.helpdesk.realtime.socket import Socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


make = sync_to_async


class TestAgentConsumer:
    async def test_tells_of_a_change_after_the_commit(self):
        agent = await make(UserFactory)()
        conversation = await make(ConversationFactory)()
        socket = await Socket(agent).open()

        await database_sync_to_async(add_note)(
            conversation_id=conversation.pk, author=agent, writing=Writing(text="Hm")
        )

        message = await socket.hear("conversation.changed")
        assert message == {
            "type": "conversation.changed",
            "id": conversation.pk,
            "cursor": 1,
        }
        await socket.close()

    async def test_tells_nothing_of_a_private_team(self):
        agent = await make(UserFactory)()
        private = await make(TeamFactory)(is_private=True)
        socket = await Socket(agent).open()

        publish(
            groups_to_tell(team_ids={private.pk}, agent_ids=set()),
            {"type": "conversation.changed", "id": 1, "cursor": 1},
        )
        publish(
            groups_to_tell(team_ids={None}, agent_ids=set()),
            {"type": "conversation.changed", "id": 2, "cursor": 1},
        )

        assert (await socket.hear("conversation.changed"))["id"] == 2
        await socket.close()

    async def test_tells_those_who_lose_sight_of_it(self):
        member = await make(UserFactory)()
        private = await make(TeamFactory)(is_private=True)
        conversation = await make(ConversationFactory)()
        socket = await Socket(member).open()

        await database_sync_to_async(assign_team)(
            conversation_id=conversation.pk, team=private, actor=None
        )

        assert (await socket.hear("conversation.changed"))["id"] == conversation.pk
        await socket.close()

    async def test_closes_to_strangers_with_a_reason(self):
        socket = await Socket(AnonymousUser()).open()

        assert (await socket.receive_output(5))["code"] == NOT_SIGNED_IN

    async def test_shows_who_else_is_there(self):
        sam = await make(UserFactory)(name="Sam Hill")
        noor = await make(UserFactory)(name="Noor Okafor")
        conversation = await make(ConversationFactory)()
        first, second = await Socket(sam).open(), await Socket(noor).open()

        await first.say({"type": "view", "conversation": conversation.pk})
        await first.hear("presence")
        await second.say({"type": "view", "conversation": conversation.pk})
        seen = await second.hear("presence")
        await first.say(
            {"type": "replying", "conversation": conversation.pk, "on": True}
        )
        while not (writing := await second.hear("presence"))["replying"]:
            pass

        assert seen["viewing"] == ["Sam"]
        assert writing["replying"] == ["Sam"]
        await first.close()
        await second.close()

    async def test_does_not_show_presence_at_what_is_hidden(self):
        agent = await make(UserFactory)()
        private = await make(TeamFactory)(is_private=True)
        hidden = await make(ConversationFactory)(team=private)
        socket = await Socket(agent).open()

        await socket.say({"type": "view", "conversation": hidden.pk})

        assert await socket.receive_nothing(timeout=0.5)
        await socket.close()

    @pytest.mark.parametrize("frame", ["not json", "[]", "x" * 5000])
    async def test_closes_on_a_hostile_frame_and_stays_alive(self, frame):
        agent = await make(UserFactory)()
        hostile, calm = await Socket(agent).open(), await Socket(agent).open()

        await hostile.say(frame)
        closing = await hostile.receive_output(5)
        await calm.say({"type": "ping"})

        assert closing["type"] == "websocket.close"
        assert not calm.future.done()
        await calm.close()

    async def test_that_closes_while_its_access_is_checked_leaves_nothing_behind(self):
        agent = await make(UserFactory)()
        before = set(switchboard().listeners)
        socket = await Socket(agent).open()
        (consumer,) = switchboard().listeners - before
        consumer.scope["session"] = {
            SESSION_KEY: str(agent.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: agent.get_session_auth_hash(),
        }

        consumer.hear({"type": "access.changed"}, "")
        checks = list(consumer.doing)
        await consumer.disconnect(1000)
        await asyncio.wait(checks, timeout=5)
        await socket.close()

        assert switchboard().listeners == before
        assert not consumer.joined
