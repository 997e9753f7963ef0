"""The agents' socket: says what changed and who is there, never what was written."""

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from random import SystemRandom
from typing import Any, cast
from uuid import uuid4

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from redis.exceptions import RedisError

from helpdesk.accounts import roles
from helpdesk.accounts.models import User
from helpdesk.core.metrics import SOCKETS
from helpdesk.realtime import presence
from helpdesk.realtime.frames import Frame, FrameReader, FrameRefused
from helpdesk.realtime.groups import chat_group, conversation_group, groups_of
from helpdesk.realtime.outage import watch_for_outages
from helpdesk.realtime.send_queue import SendQueue
from helpdesk.realtime.switchboard import switchboard, tell_sockets
from inbox.models import Conversation

NOT_SIGNED_IN = 4401
RECHECK_SECONDS = 60
"""How long a socket lives on after access ended without anybody saying so."""
_random = SystemRandom()


@database_sync_to_async
def _groups_of(agent: User) -> set[str]:
    return groups_of(agent)


@database_sync_to_async
def _may_see(agent: User, conversation_id: int) -> bool:
    # Asked of a fresh copy: what an agent may see is read once for each, and a socket
    # lives longer than that holds.
    visible = Conversation.objects.visible_to(User.objects.get(pk=agent.pk))
    return visible.filter(pk=conversation_id).exists()


class AgentConsumer(AsyncWebsocketConsumer):
    """One browser tab of one agent."""

    channel_layer_alias = "none"
    """The switchboard listens once for all sockets of a process."""

    agent: User
    is_open = False

    async def connect(self) -> None:
        user = cast("object", self.scope["user"])
        if not (isinstance(user, User) and user.is_active):
            # Accepted first, for a browser learns the code only of an open socket.
            await self.accept()
            await self.close(code=NOT_SIGNED_IN)
            return
        self.agent = user
        self.socket_id = uuid4().hex
        self.joined: set[str] = set()
        self.viewed: int | None = None
        self.is_answering = False
        self.reader = FrameReader()
        self.send_queue = SendQueue(
            self._write, instead_of_too_many=self._what_to_fetch
        )
        self.doing: set[asyncio.Task[None]] = set()
        self.switchboard = switchboard()
        await self.switchboard.connect()
        groups = await _groups_of(self.agent)
        await self.accept()
        self._join(groups)
        self.is_open = True
        SOCKETS.inc()
        self.rechecking = asyncio.create_task(self._recheck())
        watch_for_outages()
        await presence.come_online(agent_id=self.agent.pk, socket=self.socket_id)

    async def disconnect(self, code: int) -> None:
        if not self.is_open:
            return
        self.is_open = False
        SOCKETS.dec()
        self.rechecking.cancel()
        await self._look_away()
        await presence.go_offline(agent_id=self.agent.pk, socket=self.socket_id)
        self._join(set())
        self.switchboard.hang_up(self)
        self.send_queue.close()

    def _join(self, groups: set[str]) -> None:
        self.switchboard.join(self, groups - self.joined)
        self.switchboard.leave(self, self.joined - groups)
        self.joined = set(groups)

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS * (0.75 + _random.random() / 2))
            await self._check_access()

    async def _check_access(self) -> None:
        """Close the socket of whoever was shut out; follow changes of teams."""
        user = cast("object", await get_user(self.scope))
        if not (isinstance(user, User) and user.is_active):
            await self.close(code=NOT_SIGNED_IN)
            return
        self.agent = user
        groups = await _groups_of(user)
        if not self.is_open:  # it closed meanwhile, and nobody would leave them again
            return
        self._join(groups)
        if self.viewed is not None and not await _may_see(user, self.viewed):
            await self._look_away()

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        try:
            frame = self.reader.read(text_data)
        except FrameRefused as refused:
            await self.close(code=refused.code)
            return
        if frame.type == "view":
            await self._view(frame.conversation_id)
        elif frame.type == "replying":
            await self._reply(frame)
        elif frame.type == "ping":
            await self._stay()

    async def _view(self, conversation_id: int | None) -> None:
        await self._look_away()
        if conversation_id is None or not await _may_see(self.agent, conversation_id):
            return
        self.viewed = conversation_id
        self.switchboard.join(self, {conversation_group(conversation_id)})
        await self._mark(is_replying=False)

    async def _look_away(self) -> None:
        if self.viewed is None:
            return
        await self._tell_customer(is_on=False)
        left, self.viewed = self.viewed, None
        self.switchboard.leave(self, {conversation_group(left)})
        await presence.leave(conversation_id=left, socket=self.socket_id)
        await self._tell_presence(left)

    async def _reply(self, frame: Frame) -> None:
        if self.viewed is not None and frame.conversation_id == self.viewed:
            await self._mark(is_replying=frame.is_on)
            is_answer = not frame.is_note and self.agent.can(roles.REPLY)
            await self._tell_customer(is_on=frame.is_on and is_answer)

    async def _tell_customer(self, *, is_on: bool) -> None:
        """Show visitors in the conversation that an answer is being written."""
        if self.viewed is None or not (is_on or self.is_answering):
            return
        self.is_answering = is_on
        with contextlib.suppress(RedisError, OSError):
            await tell_sockets(
                [chat_group(self.viewed)],
                {
                    "type": "typing",
                    "id": self.viewed,
                    "name": self.agent.first_name,
                    "on": is_on,
                },
            )

    async def _stay(self) -> None:
        await presence.come_online(agent_id=self.agent.pk, socket=self.socket_id)
        if self.viewed is not None:
            await self._mark(is_replying=False)

    async def _mark(self, *, is_replying: bool) -> None:
        if self.viewed is None:
            return
        await presence.mark(
            conversation_id=self.viewed,
            socket=self.socket_id,
            agent_id=self.agent.pk,
            name=self.agent.first_name,
            is_replying=is_replying,
        )
        await self._tell_presence(self.viewed)

    async def _tell_presence(self, conversation_id: int) -> None:
        await presence.tell_presence_changed(
            conversation_id=conversation_id, group=conversation_group(conversation_id)
        )

    # What the switchboard hands over, by its type.

    def hear(self, message: dict[str, Any], text: str) -> None:
        if message["type"] == "presence.changed":
            self._do(self._show_presence(message["id"]))
        elif message["type"] == "access.changed":
            self._do(self._check_access())
        else:
            self.send_queue.put(text)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.doing.add(task)
        task.add_done_callback(self.doing.discard)

    async def _show_presence(self, conversation_id: int) -> None:
        present = await presence.present_at(conversation_id=conversation_id)
        if self.viewed != conversation_id:
            return
        others = [other for other in present if other.agent_id != self.agent.pk]
        self.send_queue.put(
            json.dumps(
                {
                    "type": "presence",
                    "conversation": conversation_id,
                    "viewing": [p.name for p in others if not p.is_replying],
                    "replying": [p.name for p in others if p.is_replying],
                }
            )
        )

    def _what_to_fetch(self) -> list[str]:
        changed: list[dict[str, Any]] = [{"type": "inbox.changed"}]
        if self.viewed is not None:
            changed.append({"type": "conversation.changed", "id": self.viewed})
        return [json.dumps(change) for change in changed]

    async def _write(self, text: str) -> None:
        await self.send(text_data=text)

    async def catch_up(self) -> None:
        """Ask the browser to fetch again: something may have been missed."""
        await asyncio.sleep(_random.random())
        for text in self._what_to_fetch():
            self.send_queue.put(text)
