"""Agents' browsers that look on: told over their sockets, they fetch what they show.

They do what static/js/realtime.js does: fetch when the socket opens and whenever it
says that something changed, and never of their own accord.
"""

import asyncio
import contextlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import websockets
from django.conf import settings
from lxml import html

from helpdesk.accounts.models import User
from helpdesk.rehearsal.bench.visitor import session_cookie
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.stage import Stage
from inbox.actions.messages import Writing, add_note

BROWSERS = 4
LIST = "/queues/unassigned/rows/"
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 20
FETCH_PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 20
RESYNC_SECONDS = 5
LOOK_EVERY = 0.25

Shown = dict[str, str]
"""What a page shows: the words of each row of a list or item of a timeline."""


def shown_on(page: str) -> Shown:
    """Return the words of each row and item, but for the times of day."""
    shown: Shown = {}
    for part in html.fragment_fromstring(page, create_parent="div").iter("li"):
        if part.get("id", "").startswith(("conversation-", "item-")):
            for moment in list(part.iter("time")):
                moment.drop_tree()
            shown[part.get("id")] = " ".join(part.text_content().split())
    return shown


def count_missing(seen: Shown, there: Shown) -> int:
    """Count rows and items that a page lacks, shows otherwise or should not show."""
    wrong = sum(seen.get(key) != words for key, words in there.items())
    return wrong + len(set(seen) - set(there))


class Onlooker:
    """One browser tab: a list, and from the first moment on one conversation."""

    def __init__(self, *, place: int, url: str, cookie: dict[str, str]) -> None:
        self.place, self.cookie = place, cookie
        """Which row of the list is opened, once there are so many."""
        self.pages = httpx.AsyncClient(
            base_url=url,
            cookies=cookie,
            headers={"HX-Request": "true"},
            timeout=TIMEOUT_SECONDS,
        )
        self.shown: dict[str, Shown] = {LIST: {}}
        self.opened: int | None = None
        self.outdated: set[str] = set()
        self.happened: Counter[str] = Counter()
        self._wake = asyncio.Event()

    async def look_on(self) -> None:
        async with self.pages, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_fetching())
            tasks.create_task(self._keep_listening())

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException):
                async with self._socket() as socket:
                    failures = 0
                    await self._listen(socket)
            self.happened["lost sockets"] += 1
            failures += 1
            ceiling = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**failures)
            await asyncio.sleep(ceiling * random.uniform(0.5, 1))  # noqa: S311

    def _socket(self) -> websockets.connect:
        name, value = next(iter(self.cookie.items()))
        return websockets.connect(
            f"ws://127.0.0.1:{settings.REALTIME_PORT}/ws/agent/",
            additional_headers={"Cookie": f"{name}={value}"},
            origin=websockets.Origin(settings.PUBLIC_URL),
        )

    async def _listen(self, socket: websockets.ClientConnection) -> None:
        self._say_outdated(*self.shown)
        viewed: int | None = None
        while True:
            if viewed != self.opened:
                viewed = self.opened
                await socket.send(json.dumps({"type": "view", "conversation": viewed}))
            with contextlib.suppress(TimeoutError):
                self._hear(json.loads(await asyncio.wait_for(socket.recv(), 1)))

    def _hear(self, message: dict[str, object]) -> None:
        if message["type"] not in ("conversation.changed", "inbox.changed"):
            return
        self.happened["told"] += 1
        self._say_outdated(LIST)
        if self.opened is not None and message.get("id") == self.opened:
            self._say_outdated(_timeline(self.opened))

    def _say_outdated(self, *paths: str) -> None:
        self.outdated.update(paths)
        self._wake.set()

    async def _keep_fetching(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            paths, self.outdated = self.outdated, set()
            for path in paths:
                await self._fetch(path)
            self._open_one()
            await asyncio.sleep(FETCH_PAUSE_SECONDS)

    async def _fetch(self, path: str) -> None:
        try:
            page = await self.pages.get(path)
            page.raise_for_status()
        except httpx.HTTPError:
            self.happened["pages that failed"] += 1
        else:
            self.happened["fetched"] += 1
            self.shown[path] = shown_on(page.text)

    def _open_one(self) -> None:
        rows = list(self.shown[LIST])
        if self.opened is None and len(rows) > self.place:
            self.opened = int(rows[self.place].removeprefix("conversation-"))
            self._say_outdated(_timeline(self.opened))


def _timeline(conversation_id: int) -> str:
    return f"/conversations/{conversation_id}/timeline/"


class Onlookers:
    """Browsers in a thread of their own, and what they miss in the end."""

    def __init__(self, stage: Stage) -> None:
        self.url, self.cookie = stage.installation.url, session_cookie(stage.agent)
        self.browsers: list[Onlooker] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self._loop.run_until_complete(self._look_on())
        self._loop.close()

    async def _look_on(self) -> None:
        self.browsers = [
            Onlooker(place=place, url=self.url, cookie=self.cookie)
            for place in range(BROWSERS)
        ]
        everybody = (each.look_on() for each in self.browsers)
        self._all = asyncio.gather(*everybody, return_exceptions=True)
        with contextlib.suppress(asyncio.CancelledError):
            await self._all

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._all.cancel)
        self._thread.join()

    def change_what_they_look_at(self, *, author: User) -> None:
        """Write a note into each conversation that one of them has open."""
        for browser in self.browsers:
            if browser.opened is not None:
                writing = Writing(text=f"Looked at by browser {browser.place}")
                add_note(conversation_id=browser.opened, author=author, writing=writing)

    def enter_into(self, ledger: Ledger) -> None:
        """Give them a moment, then count what their pages miss."""
        began = time.monotonic()
        while (
            missing := self._missing()
        ) and time.monotonic() < began + RESYNC_SECONDS:
            time.sleep(LOOK_EVERY)
        happened: Counter[str] = sum((b.happened for b in self.browsers), Counter())
        ledger.unseen += missing
        ledger.notes.append(
            f"{BROWSERS} browsers looked on ("
            + ", ".join(f"{name}: {count}" for name, count in happened.items())
            + f"); they miss {missing}"
        )
        if any(browser.opened is None for browser in self.browsers):
            ledger.problems.append("a browser never came to open a conversation")

    def _missing(self) -> int:
        there: dict[str, Shown] = {}
        with httpx.Client(
            base_url=self.url,
            cookies=self.cookie,
            headers={"HX-Request": "true"},
            timeout=TIMEOUT_SECONDS,
        ) as pages:
            for path in {path for each in self.browsers for path in each.shown}:
                there[path] = shown_on(pages.get(path).raise_for_status().text)
        return sum(
            count_missing(seen, there[path])
            for browser in self.browsers
            for path, seen in dict(browser.shown).items()
        )


@contextmanager
def onlookers(stage: Stage) -> Iterator[Onlookers]:
    """Have browsers look on for as long as the block lasts."""
    watching = Onlookers(stage)
    watching.start()
    try:
        yield watching
    finally:
        watching.stop()
