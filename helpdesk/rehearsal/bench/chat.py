"""How long a chat message takes to the other screen and an answer takes back.

Visitors write by the API as the widget does. The agent's browser hears of it over its
socket and fetches the timeline, as the desk's script does; then it answers through the
page, and the visitor's browser hears of that and fetches it. A screen shows a message
once what was fetched has it.

Every visitor and every agent has a browser, and so connections, of their own: asked
over a few shared ones, one of the processes that serve pages would get most of the
work.
"""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle

import aiohttp
import websockets
from asgiref.sync import sync_to_async
from django.conf import settings

from helpdesk.accounts.models import User
from helpdesk.rehearsal.bench.agent_browser import AgentBrowser
from helpdesk.rehearsal.bench.machine import StolenTime
from helpdesk.rehearsal.bench.results import Result, middle, percentile_95
from helpdesk.rehearsal.chatters import Chatter, Place, new_chatters, pages_of
from helpdesk.rehearsal.installation import Installation
from inbox.models import Brand, Channel, Conversation

CHATS = 100
AGENTS = 10
EXCHANGES = 3
THINKING_SECONDS = (12.0, 28.0)
"""Between two messages of one visitor: a hundred chats are five exchanges a second."""
PATIENCE_SECONDS = 20
BEGIN_SECONDS = 0.1
LEAST_ROUNDS = 20
"""Of fewer a percentile says nothing."""
CONNECT_AT_ONCE = 25


@dataclass(kw_only=True)
class Times:
    """Seconds from one key to the other's screen, in both directions."""

    there: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    stolen: list[float] = field(default_factory=list)
    """What the host's other guests took of the processors during each exchange."""
    missing: int = 0

    @property
    def rounds(self) -> list[float]:
        return [a + b for a, b in zip(self.there, self.back, strict=True)]

    @property
    def undisturbed(self) -> list[float]:
        """The rounds during which all processors were ours."""
        return [
            it for it, lost in zip(self.rounds, self.stolen, strict=True) if not lost
        ]


def chat_channel() -> Channel:
    """Make a widget of its own for a measurement."""
    from channels_ingest.adapters.webchat.adapter import WebchatAdapter

    return Channel.objects.create(
        kind="webchat",
        name="Chat",
        address=f"chat-{uuid.uuid4().hex[:12]}",
        brand=Brand.objects.get_or_create(name="Bench")[0],
        undo_seconds=0,
        continuity="never",
        capabilities=WebchatAdapter.capabilities.as_json(),
        config={"chat": {"domains": ["localhost"], "by_mail": {"is_on": False}}},
    )


def place_of(installation: Installation) -> Place:
    port = settings.REALTIME_PORT
    return Place(url=installation.url, socket_url=f"ws://127.0.0.1:{port}/ws/chat/")


def measure_rounds(installation: Installation, *, idle: int, goal: float) -> Result:
    """Have a hundred chats at once, beside `idle` visitors who only look on."""
    channel = chat_channel()
    chatters = new_chatters(CHATS + idle, channel=channel)
    agent = User.objects.filter(role="admin").order_by("pk")[0]
    times = asyncio.run(
        _rounds(chatters[:CHATS], chatters[CHATS:], place_of(installation), agent)
    )
    rounds = times.rounds
    return Result(
        name=f"chat_round_{idle}" if idle else "chat_round",
        value=round(percentile_95(rounds), 1),
        unit="ms p95",
        goal=goal,
        note=(
            f"{len(rounds)} exchanges, {times.missing} missing; "
            f"there {percentile_95(times.there):.1f}, back "
            f"{percentile_95(times.back):.1f}; median {middle(rounds):.1f} ms"
            f"{_undisturbed(times)}"
        ),
    )


def _undisturbed(times: Times) -> str:
    """Return how it was while nobody took our processors; empty if always or never."""
    rounds = times.undisturbed
    if len(rounds) < LEAST_ROUNDS or len(rounds) == len(times.rounds):
        return ""
    return f"; the {len(rounds)} with nothing stolen {percentile_95(rounds):.1f} ms p95"


async def _rounds(
    talking: Sequence[Chatter], idle: Sequence[Chatter], place: Place, agent: User
) -> Times:
    times = Times()
    async with looking_on(idle, place), AsyncExitStack() as open_browsers:
        desks = [
            await open_browsers.enter_async_context(
                await sync_to_async(AgentBrowser)(agent, place.url)
            )
            for _ in range(AGENTS)
        ]
        chats = []
        for chatter, desk in zip(talking, cycle(desks), strict=False):
            pages = await open_browsers.enter_async_context(pages_of(place.url))
            chats.append(await _begun(chatter, pages, desk))
        async with asyncio.TaskGroup() as tasks:
            for chat in chats:
                tasks.create_task(_keep_chatting(chat, place, times))
    return times


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A visitor and an agent, and the conversation as the desk numbers it."""

    chatter: Chatter
    pages: aiohttp.ClientSession
    desk: AgentBrowser
    conversation_id: int
    news: asyncio.Event = field(default_factory=asyncio.Event)


async def _begun(
    chatter: Chatter, pages: aiohttp.ClientSession, desk: AgentBrowser
) -> Chat:
    """Write the first words; return when the agent has the conversation on screen."""
    await chatter.write(pages, "Hello")
    while True:
        if await chatter.fetch(pages):
            break
        await asyncio.sleep(BEGIN_SECONDS)
    found = await Conversation.objects.aget(public_id=chatter.conversation)
    await desk.opens(found.pk)
    return Chat(chatter=chatter, pages=pages, desk=desk, conversation_id=found.pk)


async def _keep_chatting(chat: Chat, place: Place, times: Times) -> None:
    async def wake(_: Chatter) -> None:
        chat.news.set()

    listening = asyncio.create_task(chat.chatter.listen(place.socket_url, on_news=wake))
    try:
        for number in range(EXCHANGES):
            least, most = THINKING_SECONDS
            await asyncio.sleep(random.uniform(least if number else 2, most))  # noqa: S311
            await _exchange(chat, times)
    finally:
        listening.cancel()


async def _exchange(chat: Chat, times: Times) -> None:
    question, answer = f"question-{uuid.uuid4().hex}", f"answer-{uuid.uuid4().hex}"
    desk, number = chat.desk, chat.conversation_id
    stolen = StolenTime()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            # Screens wait for no answer that somebody else's browser gets.
            begun = time.perf_counter()
            async with asyncio.TaskGroup() as both:
                shown = both.create_task(_at(desk.sees(question, on=number)))
                asked = f"Is it in stock? {question}"
                both.create_task(chat.chatter.write(chat.pages, asked))
            there = shown.result() - begun
            begun = time.perf_counter()
            async with asyncio.TaskGroup() as both:
                shown = both.create_task(_at(_until_shown(chat, answer)))
                both.create_task(desk.answer(number, f"Yes, it is. {answer}"))
            back = shown.result() - begun
    except TimeoutError:
        times.missing += 1
        return
    times.there.append(there)
    times.back.append(back)
    times.stolen.append(stolen.seconds())
    await chat.chatter.see(chat.pages)


async def _at(shown: Awaitable[None]) -> float:
    """Return when it was."""
    await shown
    return time.perf_counter()


async def _until_shown(chat: Chat, text: str) -> None:
    while True:
        await chat.news.wait()
        chat.news.clear()
        if any(text in each["text"] for each in await chat.chatter.fetch(chat.pages)):
            return


@asynccontextmanager
async def looking_on(chatters: Sequence[Chatter], place: Place) -> AsyncIterator[None]:
    """Keep a socket open for each for as long as the block lasts."""
    gate = asyncio.Semaphore(CONNECT_AT_ONCE)

    async def open_one(chatter: Chatter) -> websockets.ClientConnection:
        async with gate:
            return await chatter.connect(place.socket_url)

    sockets = await asyncio.gather(*(open_one(each) for each in chatters))
    reading = [asyncio.create_task(_read_on(socket)) for socket in sockets]
    try:
        yield
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*(socket.close() for socket in sockets))


async def _read_on(socket: websockets.ClientConnection) -> None:
    async for _ in socket:
        pass
