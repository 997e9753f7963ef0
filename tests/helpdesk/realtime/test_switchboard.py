import asyncio

import pytest

from helpdesk.realtime.switchboard import Switchboard, switchboard, tell_sockets

pytestmark = pytest.mark.asyncio


class Listener:
    def __init__(self):
        self.heard = asyncio.Queue()

    def hear(self, message, text):
        self.heard.put_nowait((message, text))


class TestSwitchboard:
    async def test_hands_a_message_to_a_member_of_two_groups_once(self):
        board = Switchboard()
        both, other = Listener(), Listener()
        board.join(both, {"team.1", "agent.1"})
        board.join(other, {"team.2"})

        board.hand_out({"groups": ["team.1", "agent.1"], "message": {"id": 1}})

        assert both.heard.get_nowait() == ({"id": 1}, '{"id": 1}')
        assert both.heard.empty()
        assert other.heard.empty()

    async def test_hands_nothing_to_who_left(self):
        board, listener = Switchboard(), Listener()
        board.join(listener, {"team.1", "team.2"})

        board.leave(listener, {"team.1"})
        board.hand_out({"groups": ["team.1"], "message": {}})

        assert listener.heard.empty()
        assert listener in board.listeners

    async def test_keeps_no_group_that_nobody_is_in(self):
        board, listener = Switchboard(), Listener()
        board.join(listener, {"conversation.1"})
        board.leave(listener, {"conversation.1"})

        board.hand_out({"groups": ["conversation.1"], "message": {}})

        assert not board._members

    async def test_hears_what_is_told_after_it_connected(self):
        listener = Listener()
        await asyncio.gather(*(switchboard().connect() for _ in range(3)))
        switchboard().join(listener, {"team.1"})

        await tell_sockets(["team.1"], {"type": "conversation.changed", "id": 7})

        message, _ = await asyncio.wait_for(listener.heard.get(), 5)
        assert message == {"type": "conversation.changed", "id": 7}
        assert listener.heard.empty()

    async def test_goes_on_after_a_message_that_makes_no_sense(self):
        listener = Listener()
        await switchboard().connect()
        switchboard().join(listener, {"team.1"})

        await tell_sockets([["unhashable"]], {"type": "odd"})
        await tell_sockets(["team.1"], {"type": "inbox.changed"})

        message, _ = await asyncio.wait_for(listener.heard.get(), 5)
        assert message["type"] == "inbox.changed"
