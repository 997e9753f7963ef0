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
from typing import Any

import httpx
import websockets
from django.utils import timezone

from helpdesk.chat.actions.sessions import Claims, open_anonymous_session
from inbox.models import Channel

RETRY_SECONDS = 0.3
LONGEST_RETRY_SECONDS = 3.0
TIMEOUT_SECONDS = 10
HELLO_SECONDS = 20

Message = dict[str, Any]
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
        self, pages: httpx.AsyncClient, text: str, *, copies: int = 1
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

    async def _post(self, pages: httpx.AsyncClient, body: Message) -> bool:
        try:
            answer = await pages.post(
                "/api/v1/chat/messages/", json=body, headers=self.headers
            )
        except httpx.HTTPError:
            return False
        if answer.status_code in (400, 401, 403, 404, 422):
            raise WrongAnswer(answer.text[:300])
        if answer.status_code != httpx.codes.ACCEPTED:
            return False
        self._take(answer.json())
        return True

    async def fetch(self, pages: httpx.AsyncClient) -> list[Message]:
        """Fetch what is new, and return it.

        :raises httpx.HTTPError: if the desk does not answer
        """
        if not self.conversation and not await self._find(pages):
            return []
        answer = await pages.get(
            f"/api/v1/chat/conversations/{self.conversation}/messages/",
            params={"after": self.last_seq},
            headers=self.headers,
        )
        news: list[Message] = answer.raise_for_status().json()["results"]
        self.shown.update((each["seq"], each) for each in news)
        return news

    async def _find(self, pages: httpx.AsyncClient) -> bool:
        answer = await pages.get("/api/v1/chat/conversations/", headers=self.headers)
        for each in answer.raise_for_status().json()["results"]:
            if self.topic in each["keys"]:
                self.conversation = each["id"]
        return bool(self.conversation)

    async def listen(
        self, socket_url: str, *, on_news: Callable[["Chatter"], Awaitable[None]]
    ) -> None:
        """Keep a socket open, whatever happens to it; call `on_news` when it speaks."""
        failures = 0
        while True:
            with contextlib.suppress(
                OSError, websockets.WebSocketException, httpx.HTTPError, TimeoutError
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
