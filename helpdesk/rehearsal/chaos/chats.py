"""Visitors who write over a bad line while an agent answers them."""

import asyncio
import contextlib
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import aiohttp
from django.conf import settings

from helpdesk.rehearsal.bench.chat import chat_channel
from helpdesk.rehearsal.chaos.agents import Answer, BusyAgent
from helpdesk.rehearsal.chaos.bad_line import BadLine, Weather
from helpdesk.rehearsal.chaos.ledger import Ledger
from helpdesk.rehearsal.chaos.stage import Stage
from helpdesk.rehearsal.chatters import NOT_THERE, Chatter, new_chatters, pages_of
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Channel, Direction, Kind, TimelineItem

VISITORS = 40
PACE_SECONDS = (2.5, 4.5)
"""A visitor may write thirty messages a minute."""
COPIES_CHANCE = 0.15
"""Of a message: it is handed over three times at once, as an impatient line does."""
TIMEOUT_SECONDS = 4
POLL_SECONDS = 2.0
"""What a widget does where its socket says nothing: it asks."""
RESYNC_SECONDS = 5
LOOK_EVERY = 0.25


class AnsweringChats(BusyAgent):
    """Answers visitors who wait, on the channel that they wrote on."""

    def _send(self, answer: Answer) -> int:
        item = send_reply(
            conversation_id=answer.conversation_id,
            author=self.agent,
            writing=Writing(text=answer.token),
            recipients=Recipients(to=[{"name": "", "handle": answer.handle}]),
            channel=self.channel,
            client_id=answer.client_id,
        )
        return item.pk


class Chats:
    """Visitors in a thread of their own, each with a topic."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.channel = stage, chat_channel()
        self.chatters = new_chatters(VISITORS, channel=self.channel)
        self.chance = random.Random(stage.chance.random())  # noqa: S311 - accidents
        self.stop_writing = threading.Event()
        self.agent = AnsweringChats(
            channel=self.channel, agent=stage.agent, stop=self.stop_writing
        )
        self.lines: list[BadLine] = []
        self._over = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.agent.start()

    def stop(self) -> None:
        self.stop_writing.set()
        self._loop.call_soon_threadsafe(self._over.set)
        self.agent.join()
        self._thread.join()

    def change(self, weather: Weather) -> None:
        """Let the line do something else from now on."""
        for line in self.lines:
            self._loop.call_soon_threadsafe(line.change, weather)

    def _run(self) -> None:
        self._loop.run_until_complete(self._live())
        self._loop.close()

    async def _live(self) -> None:
        ports = []
        for port in (settings.WEB_PORT, settings.REALTIME_PORT):
            self.lines.append(BadLine(to_port=port, chance=self.chance))
            ports.append(await self.lines[-1].start())
        web, realtime = ports
        url = f"http://127.0.0.1:{web}"
        async with pages_of(url, seconds=TIMEOUT_SECONDS) as pages:
            tasks = [
                asyncio.create_task(work)
                for chatter in self.chatters
                for work in (
                    self._write_on(chatter, pages),
                    self._look_on(chatter, pages, realtime),
                    self._ask_now_and_then(chatter, pages),
                )
            ]
            await self._over.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for line in self.lines:
            await line.stop()

    async def _write_on(self, chatter: Chatter, pages: aiohttp.ClientSession) -> None:
        while not self.stop_writing.is_set():
            copies = 3 if self.chance.random() < COPIES_CHANCE else 1
            await chatter.write(pages, f"word-{uuid.uuid4().hex}", copies=copies)
            await asyncio.sleep(self.chance.uniform(*PACE_SECONDS))

    async def _look_on(
        self, chatter: Chatter, pages: aiohttp.ClientSession, port: int
    ) -> None:
        async def fetch(one: Chatter) -> None:
            await one.fetch(pages)

        await chatter.listen(f"ws://127.0.0.1:{port}/ws/chat/", on_news=fetch)

    async def _ask_now_and_then(
        self, chatter: Chatter, pages: aiohttp.ClientSession
    ) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS * self.chance.uniform(0.75, 1.25))
            with contextlib.suppress(*NOT_THERE):
                await chatter.fetch(pages)

    def enter_into(self, ledger: Ledger) -> None:
        """Give the screens a moment, then write down what became of everything."""
        began = time.monotonic()
        while (missing := self._unseen()) and time.monotonic() < began + RESYNC_SECONDS:
            time.sleep(LOOK_EVERY)
        ledger.unseen += missing
        for chatter in self.chatters:
            _count_written(ledger, chatter, channel=self.channel)
        _count_answers(ledger, self.agent, self.chatters)
        happened: Counter[str] = sum((it.happened for it in self.lines), Counter())
        ledger.notes.append(
            "the line: " + ", ".join(f"{name} {n}" for name, n in happened.items())
        )

    def _unseen(self) -> int:
        return sum(
            len(_on_timeline(chatter, self.channel) - _on_screen(chatter))
            for chatter in self.chatters
        )


def _on_screen(chatter: Chatter) -> set[tuple[int, str]]:
    return {(seq, each["id"]) for seq, each in chatter.shown.items()}


def _on_timeline(chatter: Chatter, channel: Channel) -> set[tuple[int, str]]:
    if not chatter.conversation:
        return set()
    items = TimelineItem.objects.filter(
        conversation__public_id=chatter.conversation,
        channel=channel,
        kind=Kind.MESSAGE,
    )
    rows = items.values_list("seq", "public_id")
    return {(seq, str(public_id)) for seq, public_id in rows}


def _count_written(ledger: Ledger, chatter: Chatter, *, channel: Channel) -> None:
    wanted = {text: place for place, text in enumerate(chatter.taken)}
    rows = TimelineItem.objects.filter(
        channel=channel, direction=Direction.INBOUND, text__in=list(wanted)
    ).order_by("conversation_id", "seq")
    line = [(row.conversation_id, row.text) for row in rows]
    copies = Counter(text for _, text in line)
    ledger.sent += len(wanted)
    ledger.shown += len(copies)
    ledger.lost += len(set(wanted) - set(copies))
    ledger.duplicated += sum(count - 1 for count in copies.values())
    ledger.reordered += sum(
        wanted[after[1]] < wanted[before[1]] for before, after in pairwise(line)
    )
    if len({conversation for conversation, _ in line}) > 1:
        ledger.problems.append("one topic became several conversations")


def _count_answers(
    ledger: Ledger, agent: BusyAgent, chatters: Sequence[Chatter]
) -> None:
    """An answer counts as delivered once it is on its visitor's screen."""
    screens = Counter(
        each["text"] for chatter in chatters for each in chatter.shown.values()
    )
    ledger.answers += len(agent.promised)
    for token in agent.promised.values():
        ledger.delivered += bool(screens[token])
        ledger.lost += not screens[token]
        ledger.duplicated += max(0, screens[token] - 1)


@contextmanager
def chats_over_a_bad_line(stage: Stage) -> Iterator[Chats]:
    """Have visitors chat for as long as the block lasts."""
    chats = Chats(stage)
    chats.start()
    try:
        yield chats
    finally:
        chats.stop()
