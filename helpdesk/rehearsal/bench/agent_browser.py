"""An agent's browser with every chat of the desk before it: told, then it fetches."""

import asyncio
import re
import uuid
from types import TracebackType
from typing import Any, Self

from django.conf import settings

from helpdesk.accounts.models import User
from helpdesk.rehearsal.bench.visitor import session_cookie
from helpdesk.rehearsal.chatters import pages_of

_WAYS = re.compile(r'data-ways="([^"]*)"')


class AgentBrowser:
    """Shows the timeline of whatever conversation its socket says has changed."""

    def __init__(self, agent: User, url: str) -> None:
        csrf = uuid.uuid4().hex
        self._url = url
        self._said: dict[str, Any] = {
            "cookies": {**session_cookie(agent), settings.CSRF_COOKIE_NAME: csrf},
            "headers": {"X-CSRFToken": csrf, "HX-Request": "true"},
        }
        self._changed: dict[int, asyncio.Event] = {}
        self._ways: dict[int, str] = {}
        """What the composer of each conversation offers, as it says of itself."""
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pages = pages_of(self._url, **self._said)
        self._socket = await self._pages.ws_connect(
            f"ws://127.0.0.1:{settings.REALTIME_PORT}/ws/agent/",
            origin=settings.PUBLIC_URL,
        )
        self._reading = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reading is not None:
            self._reading.cancel()
        await self._socket.close()
        await self._pages.close()

    async def _listen(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            if message["type"] == "conversation.changed":
                self._event_of(message["id"]).set()

    def _event_of(self, conversation_id: int) -> asyncio.Event:
        return self._changed.setdefault(conversation_id, asyncio.Event())

    async def sees(self, words: str, *, on: int) -> None:
        """Return when new words have come on to the screen of a conversation."""
        changed = self._event_of(on)
        changed.clear()
        while True:
            await changed.wait()
            changed.clear()
            if words in await self._get(f"/conversations/{on}/timeline/"):
                return

    async def _get(self, path: str) -> str:
        async with self._pages.get(path) as page:
            page.raise_for_status()
            return await page.text()

    async def opens(self, conversation_id: int) -> None:
        """Have the conversation on screen, with the composer as it was drawn."""
        drawn = _WAYS.search(await self._get(f"/conversations/{conversation_id}/"))
        self._ways[conversation_id] = drawn[1] if drawn else ""

    async def answer(self, conversation_id: int, text: str) -> None:
        """Send an answer as the composer does."""
        path = f"/conversations/{conversation_id}/reply/"
        written = {
            "mode": "chat",
            "text": text,
            "client_id": str(uuid.uuid4()),
            "ways": self._ways[conversation_id],
        }
        async with self._pages.post(path, data=written) as page:
            page.raise_for_status()
