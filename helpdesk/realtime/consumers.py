"""The agents' socket: says what changed and who is there, never what was written."""

import asyncio
import json
from random import SystemRandom
from typing import Any, ClassVar, cast

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from helpdesk.accounts.models import User
from helpdesk.core.metrics import SOCKETS
from helpdesk.realtime import presence
from helpdesk.realtime.frames import Frame, FrameReader, FrameRefused
from helpdesk.realtime.groups import conversation_group, groups_of
from helpdesk.realtime.outage import watch_for_outages
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

    live: ClassVar[set["AgentConsumer"]] = set()
    """Every open socket of this process."""

    agent: User

    async def connect(self) -> None:
        user = cast("object", self.scope["user"])
        if not (isinstance(user, User) and user.is_active):
            # Accepted first, for a browser learns the code only of an open socket.
            await self.accept()
            await self.close(code=NOT_SIGNED_IN)
            return
        self.agent = user
        self.joined: set[str] = set()
        self.viewed: int | None = None
        self.reader = FrameReader()
        await self._join(await _groups_of(self.agent))
        await self.accept()
        self.live.add(self)
        SOCKETS.inc()
        self.rechecking = asyncio.create_task(self._recheck())
        watch_for_outages(everybody_catches_up)

    async def disconnect(self, code: int) -> None:
        if self not in self.live:
            return
        self.live.discard(self)
        SOCKETS.dec()
        self.rechecking.cancel()
        await self._look_away()
        await self._join(set())

    async def _join(self, groups: set[str]) -> None:
        for group in groups - self.joined:
            await self.channel_layer.group_add(group, self.channel_name)
        for group in self.joined - groups:
            await self.channel_layer.group_discard(group, self.channel_name)
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
        await self._join(await _groups_of(user))
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
        await self.channel_layer.group_add(
            conversation_group(conversation_id), self.channel_name
        )
        await self._mark(is_replying=False)

    async def _look_away(self) -> None:
        if self.viewed is None:
            return
        group = conversation_group(self.viewed)
        await self.channel_layer.group_discard(group, self.channel_name)
        await presence.leave(conversation_id=self.viewed, socket=self.channel_name)
        await self._tell_presence(self.viewed)
        self.viewed = None

    async def _reply(self, frame: Frame) -> None:
        if self.viewed is not None and frame.conversation_id == self.viewed:
            await self._mark(is_replying=frame.is_on)

    async def _stay(self) -> None:
        if self.viewed is not None:
            await self._mark(is_replying=False)

    async def _mark(self, *, is_replying: bool) -> None:
        if self.viewed is None:
            return
        await presence.mark(
            conversation_id=self.viewed,
            socket=self.channel_name,
            agent_id=self.agent.pk,
            name=self.agent.first_name,
            is_replying=is_replying,
        )
        await self._tell_presence(self.viewed)

    async def _tell_presence(self, conversation_id: int) -> None:
        await presence.tell_presence_changed(
            conversation_id=conversation_id, group=conversation_group(conversation_id)
        )

    async def _say(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message))

    # Messages from the channel layer, by their type.

    async def conversation_changed(self, message: dict[str, Any]) -> None:
        await self._say(message)

    async def customer_changed(self, message: dict[str, Any]) -> None:
        await self._say(message)

    async def access_changed(self, _message: dict[str, Any]) -> None:
        await self._check_access()

    async def presence_changed(self, message: dict[str, Any]) -> None:
        viewed = self.viewed
        if viewed is None or viewed != message["id"]:
            return
        others = [
            present
            for present in await presence.present_at(conversation_id=viewed)
            if present.agent_id != self.agent.pk
        ]
        await self._say(
            {
                "type": "presence",
                "conversation": viewed,
                "viewing": [p.name for p in others if not p.is_replying],
                "replying": [p.name for p in others if p.is_replying],
            }
        )

    async def catch_up(self) -> None:
        """Ask the browser to fetch again: something may have been missed."""
        await asyncio.sleep(_random.random())
        await self._say({"type": "inbox.changed"})
        if self.viewed is not None:
            await self._say({"type": "conversation.changed", "id": self.viewed})


async def everybody_catches_up() -> None:
    """Valkey was away: whatever was said meanwhile is lost, so all fetch again."""
    await asyncio.gather(
        *(consumer.catch_up() for consumer in list(AgentConsumer.live)),
        return_exceptions=True,
    )
