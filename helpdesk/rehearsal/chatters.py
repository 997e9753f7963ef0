"""Visitors of a website, as far as the API and their socket go.

They do what the widget does: write under an id of their own until it is accepted, and
fetch when their socket says that there is news, or opens again.
"""

import asyncio
import contextlib
import json
import math
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
import websockets
from django.utils import timezone

from helpdesk.chat.actions.sessions import Claims, open_anonymous_session
from inbox.models import Channel

RETRY_SECONDS = 0.3
LONGEST_RETRY_SECONDS = 3.0
HELLO_SECONDS = 20

Message = dict[str, Any]
NOT_THERE = (aiohttp.ClientError, TimeoutError)
"""Raised where the desk, or the line to it, does not answer as it should."""
WRONG = (400, 401, 403, 404, 422)
AT_ONCE = 60
_chance = random.Random()  # noqa: S311 - waiting times are no secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a desk is reached."""

    url: str
    socket_url: str


@dataclass(kw_only=True)
class Chatter:
    """One visitor's browser: a token, a topic, what it shows."""

    token: str
    number: int = 0
    topic: str = field(default_factory=lambda: str(uuid.uuid4()))
    conversation: str = ""
    """The public id, once the topic has become a conversation."""
    shown: dict[int, Message] = field(default_factory=dict)
    """What is on screen, by number."""
    taken: list[str] = field(default_factory=list)
    """The words that were accepted, in their order."""

    @property
    def headers(self) -> dict[str, str]:
        # Each from an address of their own, as visitors are; only a trusted proxy's
        # word for it counts, and the rehearsal is one.
        address = f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}"
        return {
            "Authorization": f"Bearer {self.token}",
            "X-Forwarded-For": f"{address}.{self.number & 255}",
        }

    @property
    def last_seq(self) -> int:
        return max(self.shown, default=0)

    async def write(
        self, pages: aiohttp.ClientSession, text: str, *, copies: int = 1
    ) -> None:
        """Hand a message over, under one id, until the desk has accepted it."""
        body = {"client_id": str(uuid.uuid4()), "text": text}
        if self.conversation:
            body["conversation"] = self.conversation
        else:
            body["topic"] = self.topic
        pause = RETRY_SECONDS
        while True:
            tries = [self._post(pages, body) for _ in range(copies)]
            if any(await asyncio.gather(*tries)):
                self.taken.append(text)
                return
            await asyncio.sleep(pause * _chance.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_RETRY_SECONDS)

    def _take(self, answer: Message) -> None:
        """Show what the answer holds, as the widget does: nothing before it missing."""
        message = answer["message"]
        if message is not None and self.shown and answer["after"] <= self.last_seq:
            self.shown[message["seq"]] = message

    async def _post(self, pages: aiohttp.ClientSession, body: Message) -> bool:
        path = "/api/v1/chat/messages/"
        try:
            async with pages.post(path, json=body, headers=self.headers) as answer:
                if answer.status in WRONG:
                    raise WrongAnswer((await answer.text())[:300])
                if answer.status != HTTPStatus.ACCEPTED:
                    return False
                self._take(await answer.json())
                return True
        except NOT_THERE:
            return False

    async def fetch(self, pages: aiohttp.ClientSession) -> list[Message]:
        """Fetch what is new, and return it.

        :raises aiohttp.ClientError, TimeoutError: if the desk does not answer
        """
        if not self.conversation and not await self._find(pages):
            return []
        path = f"/api/v1/chat/conversations/{self.conversation}/messages/"
        news = await self._get(pages, path, after=self.last_seq)
        self.shown.update((each["seq"], each) for each in news)
        return news

    async def see(self, pages: aiohttp.ClientSession) -> None:
        """Say that everything on screen was looked at."""
        path = f"/api/v1/chat/conversations/{self.conversation}/seen/"
        seen = {"seq": self.last_seq}
        async with pages.post(path, json=seen, headers=self.headers) as answer:
            answer.raise_for_status()

    async def _find(self, pages: aiohttp.ClientSession) -> bool:
        for each in await self._get(pages, "/api/v1/chat/conversations/"):
            if self.topic in each["keys"]:
                self.conversation = each["id"]
        return bool(self.conversation)

    async def _get(
        self, pages: aiohttp.ClientSession, path: str, **query: int
    ) -> list[Message]:
        async with pages.get(path, params=query, headers=self.headers) as answer:
            answer.raise_for_status()
            found: list[Message] = (await answer.json())["results"]
            return found

    async def listen(
        self, socket_url: str, *, on_news: Callable[["Chatter"], Awaitable[None]]
    ) -> None:
        """Keep a socket open, whatever happens to it; call `on_news` when it speaks."""
        failures = 0
        while True:
            with contextlib.suppress(
                OSError, websockets.WebSocketException, *NOT_THERE
            ):
                socket = await self.connect(socket_url)
                failures = 0
                async with socket:
                    await on_news(self)
                    async for text in socket:
                        if self._is_news(json.loads(text)):
                            await on_news(self)
            failures += 1
            ceiling = min(LONGEST_RETRY_SECONDS, RETRY_SECONDS * 2**failures)
            await asyncio.sleep(ceiling * _chance.uniform(0.5, 1))

    def _is_news(self, said: Message) -> bool:
        is_here = self.last_seq >= said.get("seq", math.inf)
        return said["type"] in NEWS and not is_here

    async def connect(self, socket_url: str) -> websockets.ClientConnection:
        """Open a socket and say whose it is; return it when the desk is ready."""
        socket = await websockets.connect(
            socket_url,
            open_timeout=HELLO_SECONDS,
            additional_headers={"X-Forwarded-For": self.headers["X-Forwarded-For"]},
        )
        await socket.send(json.dumps({"type": "hello", "token": self.token}))
        while True:
            text = await asyncio.wait_for(socket.recv(), HELLO_SECONDS)
            if json.loads(text)["type"] == "ready":
                return socket


NEWS = ("conversation.changed", "catch.up")


class WrongAnswer(Exception):
    """The desk says that the visitor did something wrong."""


def pages_of(url: str, *, seconds: float = 30, **said: Any) -> aiohttp.ClientSession:
    """Return something to ask the pages of a desk with, light on the processor.

    :param said: cookies and headers that go along with everything
    """
    return aiohttp.ClientSession(
        url,
        connector=aiohttp.TCPConnector(limit=AT_ONCE),
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        timeout=aiohttp.ClientTimeout(total=seconds),
        **said,
    )


def new_chatters(count: int, *, channel: Channel) -> Sequence[Chatter]:
    """Return visitors who have a session each; made without asking over HTTP."""
    now = timezone.now()
    sessions = (
        open_anonymous_session(channel=channel, claims=Claims(), now=now)
        for _ in range(count)
    )
    return [
        Chatter(token=session.token, number=number)
        for number, session in enumerate(sessions, start=1)
    ]
