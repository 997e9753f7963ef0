"""The visitors' socket: says that there is news, and who is writing.

There is no cookie and no session here: whoever connects says with the first frame whose
token they have. A visitor hears and says public ids only. No socket has a task of its
own: thousands of them stay open and say nothing.
"""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Coroutine
from functools import partial
from random import SystemRandom
from typing import Any, cast

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone
from redis.exceptions import RedisError

from helpdesk.chat.actions.visits import note_page
from helpdesk.chat.attendance import (
    Stay,
    arrival,
    departure,
    passer_key,
    visitor_key,
)
from helpdesk.chat.pages import Page, read_page, wants_no_traces
from helpdesk.core.metrics import SOCKETS
from helpdesk.realtime.admission import Guest, admit, readmit
from helpdesk.realtime.database_line import database_line
from helpdesk.realtime.entrance import entrance, network_behind
from helpdesk.realtime.frames import FrameReader, FrameRefused, VisitorFrame
from helpdesk.realtime.groups import conversation_group
from helpdesk.realtime.outage import watch_for_outages
from helpdesk.realtime.presence import valkey
from helpdesk.realtime.rounds import look_after
from helpdesk.realtime.send_queue import SendQueue
from helpdesk.realtime.switchboard import switchboard, tell_sockets

NOT_KNOWN = 4401
TOO_MANY = 4429
HELLO_SECONDS = 10
AGAIN_SECONDS = 1
TYPING_PAUSE = 2
"""Seconds in which the same again is not passed on."""
STAY_PAUSE = 45
"""Seconds after which a socket says again where its visitor is."""
MOST_PAGES = 20
"""In a minute; further ones are not noted."""
CATCH_UP_SPREAD = 2
_random = SystemRandom()


class VisitorConsumer(AsyncWebsocketConsumer):
    """One open page or app of one visitor."""

    channel_layer_alias = "none"
    """The switchboard listens once for all sockets of a process."""

    guest: Guest | None = None
    network = ""
    page: Page | None = None
    stay = Stay()
    stayed_at = 0.0
    typing_in: int | None = None
    typed_at = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # However it ended: what was counted and joined is given back.
            await self._leave()

    async def connect(self) -> None:
        network = network_behind(cast("Any", self.scope))
        if not entrance.let_in(network):
            await self.close()
            return
        self.network = network
        self.reader = FrameReader()
        self.pages: deque[float] = deque(maxlen=MOST_PAGES)
        self.joined: frozenset[str] = frozenset()
        self.doing: set[asyncio.Task[None]] = set()
        self.checked_at = time.monotonic()
        self.send_queue = SendQueue(
            self._write, instead_of_too_many=lambda: ['{"type": "catch.up"}']
        )
        self.switchboard = switchboard()
        await self.switchboard.connect()
        await self.accept()
        SOCKETS.inc()
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(HELLO_SECONDS, self._do_close)

    async def _leave(self) -> None:
        if not self.network:
            return
        network, self.network = self.network, ""
        guest, self.guest = self.guest, None
        entrance.leave(network, guest.visitor_id if guest else None)
        if not hasattr(self, "deadline"):
            return
        SOCKETS.dec()
        self.deadline.cancel()
        self.switchboard.leave(self, self.joined)
        self.joined = frozenset()
        self.switchboard.hang_up(self)
        self.send_queue.close()
        if guest is not None:
            await self._go_away(guest)

    async def _go_away(self, guest: Guest) -> None:
        if self.typing_in is not None:
            await self._tell_typing(guest, self.typing_in, is_on=False)
        if self.page is not None:
            await _note(
                departure(
                    channel_id=guest.channel_id,
                    key=visitor_key(guest.visitor_id),
                    now=timezone.now(),
                )
            )

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        try:
            frame = self.reader.read_of_visitor(text_data)
        except FrameRefused as refused:
            await self.close(code=refused.code)
            return
        if self.guest is None:
            await self._greet(frame)
        elif frame.type == "typing":
            await self._type(self.guest, frame)
        elif frame.type == "page":
            await self._look_at(self.guest, frame)
        elif frame.type == "ping":
            await self._stay_there(self.guest)

    async def _greet(self, frame: VisitorFrame) -> None:
        self.deadline.cancel()
        is_hello = frame.type == "hello"
        token = frame.token if is_hello else ""
        guest = await database_line().ask(partial(admit, token)) if token else None
        if guest is None:
            await self.close(code=NOT_KNOWN)
        elif not entrance.welcome(self.network, guest.visitor_id):
            await self.close(code=TOO_MANY)
        else:
            self.guest = guest
            self._join(guest)
            self.send_queue.put('{"type": "ready"}')
            look_after(self)
            watch_for_outages()
            # What began between being read and being joined would never be told of.
            loop = asyncio.get_running_loop()
            loop.call_later(AGAIN_SECONDS, lambda: self._do(self.check_access()))

    def _join(self, guest: Guest) -> None:
        groups = guest.told.groups
        self.switchboard.join(self, groups - self.joined)
        self.switchboard.leave(self, self.joined - groups)
        self.joined = groups

    async def check_access(self) -> None:
        """Say goodbye to whoever gave up their token; follow what became theirs."""
        if self.guest is None:
            return
        known = self.guest
        guest = await database_line().ask(partial(readmit, known))
        if self.guest is not known:  # it closed, or another check was faster
            return
        self.checked_at = time.monotonic()
        if guest is None:
            await self.dismiss()
            return
        self.guest = guest
        self._join(guest)
        before, now = known.told.public_ids, guest.told.public_ids
        for public_id in {*before.values()} ^ {*now.values()}:
            self._say_changed(public_id)

    async def dismiss(self) -> None:
        """Close the socket of a token that is good no longer, and say so before."""
        self.switchboard.leave(self, self.joined)
        self.joined = frozenset()
        self.send_queue.close()
        # Whoever reads nothing must not keep others waiting.
        with contextlib.suppress(OSError, RuntimeError):
            await self.send(text_data='{"type": "access.changed"}')
            await self.close(code=NOT_KNOWN)

    async def _type(self, guest: Guest, frame: VisitorFrame) -> None:
        conversation_id = _own_conversation(guest, frame.conversation)
        if conversation_id is None:
            return
        now = time.monotonic()
        is_same = self.typing_in == conversation_id
        if frame.is_on:
            if is_same and now - self.typed_at < TYPING_PAUSE:
                return
            self.typing_in, self.typed_at = conversation_id, now
        elif is_same:
            self.typing_in = None
        else:
            return
        await self._tell_typing(guest, conversation_id, is_on=frame.is_on)

    async def _tell_typing(
        self, guest: Guest, conversation_id: int, *, is_on: bool
    ) -> None:
        with contextlib.suppress(RedisError, OSError):
            await tell_sockets(
                [conversation_group(conversation_id)],
                {
                    "type": "customer.typing",
                    "conversation": conversation_id,
                    "name": guest.name,
                    "on": is_on,
                },
            )

    async def _look_at(self, guest: Guest, frame: VisitorFrame) -> None:
        page = read_page(frame.title, frame.url, domains=guest.domains)
        if page is None or not guest.tracks_visits or self._wants_no_traces():
            return
        now = time.monotonic()
        if len(self.pages) == MOST_PAGES and now - self.pages[0] < 60:
            return
        self.pages.append(now)
        self.page = page
        await self._attend(guest, page, instead_of=frame.visit[:64])
        await database_line().ask(
            partial(
                note_page, visitor_id=guest.visitor_id, page=page, now=timezone.now()
            )
        )

    def _wants_no_traces(self) -> bool:
        headers = dict(self.scope.get("headers", ()))
        return wants_no_traces(
            do_not_track=headers.get(b"dnt", b"").decode("latin-1"),
            privacy_control=headers.get(b"sec-gpc", b"").decode("latin-1"),
        )

    async def _stay_there(self, guest: Guest) -> None:
        if self.page is None or time.monotonic() - self.stayed_at < STAY_PAUSE:
            return
        await self._attend(guest, self.page)

    async def _attend(self, guest: Guest, page: Page, *, instead_of: str = "") -> None:
        self.stayed_at = time.monotonic()
        command = arrival(
            channel_id=guest.channel_id,
            key=visitor_key(guest.visitor_id),
            page=page,
            now=timezone.now(),
            so_far=self.stay,
            instead_of=passer_key(instead_of) if instead_of else "",
        )
        answer = await _note(command)
        if answer:
            self.stay = Stay(page_count=int(answer[0]), since=int(answer[1]))

    # What the switchboard hands over, by its type; the names of groups are our own.

    def hear(self, message: dict[str, Any], text: str) -> None:
        if self.guest is None:
            return
        kind = message["type"]
        public_id = self.guest.told.public_ids.get(message.get("id", 0))
        is_unknown = kind == "customer.wrote" and public_id is None
        if is_unknown or kind == "access.changed":
            self._do(self.check_access())
        elif kind == "conversation.changed" and public_id is not None:
            self._say_changed(public_id, **_only_about(message))
        elif kind == "conversation.seen" and public_id is not None:
            self._say(message | {"id": public_id})
        elif kind == "typing" and public_id is not None:
            said = {"name": message["name"], "on": message["on"]}
            self._say({"type": "typing", "conversation": public_id, **said})

    def _say_changed(self, public_id: str, **about: int) -> None:
        self._say({"type": "conversation.changed", "id": public_id, **about})

    def _say(self, message: dict[str, Any]) -> None:
        self.send_queue.put(json.dumps(message))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.doing.add(task)
        task.add_done_callback(self.doing.discard)

    def _do_close(self) -> None:
        self._do(self.close(code=NOT_KNOWN))

    async def _write(self, text: str) -> None:
        await self.send(text_data=text)

    async def catch_up(self) -> None:
        """Ask the browser to fetch everything: something may have been missed."""
        await asyncio.sleep(_random.random() * CATCH_UP_SPREAD)
        if self.guest is not None:
            self.send_queue.put('{"type": "catch.up"}')
            await self.check_access()


def _own_conversation(guest: Guest, public_id: str) -> int | None:
    for pk, known in guest.told.public_ids.items():
        if known == public_id:
            return pk
    return None


def _only_about(message: dict[str, Any]) -> dict[str, int]:
    """Return what a change is about, where a client may know all of it."""
    return {name: message[name] for name in ("seq", "seen_seq") if name in message}


async def _note(command: tuple[Any, ...]) -> Any:
    """Tell Valkey who is on the site; nothing is lost for long if it does not hear."""
    try:
        return await valkey().eval(*command)
    except (RedisError, OSError):
        return None
