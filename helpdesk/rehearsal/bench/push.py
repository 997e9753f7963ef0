"""From a commit to the browsers that are open: how long until the last one knows."""

import asyncio
import contextlib
import json
import resource
import time

import websockets
from asgiref.sync import sync_to_async
from django.conf import settings

from helpdesk.accounts.models import User
from helpdesk.rehearsal.bench.results import Result, percentile_95
from helpdesk.rehearsal.bench.visitor import session_cookie
from inbox.actions.messages import Writing, add_note
from inbox.models import Conversation

CHANGES = 30
PAUSE_SECONDS = 0.4
PATIENCE_SECONDS = 20
CONNECT_AT_ONCE = 25


def measure_push(*, sockets: int, goal: float, realtime_port: int) -> list[Result]:
    """Open `sockets` browsers, change one conversation 30 times, time each arrival."""
    _allow_files(sockets + 200)
    author = User.objects.filter(role="admin").order_by("pk")[0]
    visible = Conversation.objects.visible_to(author)
    conversation_id = visible.active().newest_first()[0].pk
    arrivals, expected = asyncio.run(
        _measure(
            sockets=sockets,
            url=f"ws://127.0.0.1:{realtime_port}/ws/agent/",
            author=author,
            conversation_id=conversation_id,
            cookie=session_cookie(author),
        )
    )
    missing = expected - len(arrivals)
    return [
        Result(
            name=f"push_{sockets}",
            value=round(percentile_95(arrivals), 1),
            unit="ms p95",
            goal=goal,
            note=f"{len(arrivals)} arrivals, {missing} missing",
        )
    ]


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count * 2, hard), hard))


async def _measure(
    *,
    sockets: int,
    url: str,
    author: User,
    conversation_id: int,
    cookie: dict[str, str],
) -> tuple[list[float], int]:
    browsers = await _open_all(sockets, url=url, cookie=cookie)
    sent: dict[int, float] = {}
    arrivals: list[tuple[int, float]] = []
    expected = CHANGES * sockets
    everything = asyncio.Event()

    async def listen(browser: websockets.ClientConnection) -> None:
        async for text in browser:
            at = time.perf_counter()
            message = json.loads(text)
            if message.get("id") == conversation_id and "cursor" in message:
                # Timed at the end: it may be here before its writer knows the number.
                arrivals.append((message["cursor"], at))
                if len(arrivals) >= expected:
                    everything.set()

    listeners = [asyncio.create_task(listen(browser)) for browser in browsers]
    for number in range(CHANGES):
        cursor, committed = await sync_to_async(_change)(
            author, conversation_id, number
        )
        sent[cursor] = committed
        await asyncio.sleep(PAUSE_SECONDS)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(everything.wait(), PATIENCE_SECONDS)
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*(browser.close() for browser in browsers))
    return [at - sent[cursor] for cursor, at in arrivals if cursor in sent], expected


def _change(author: User, conversation_id: int, number: int) -> tuple[int, float]:
    note = add_note(
        conversation_id=conversation_id,
        author=author,
        writing=Writing(text=f"Change {number}"),
    )
    return note.seq, time.perf_counter()


async def _open_all(
    count: int, *, url: str, cookie: dict[str, str]
) -> list[websockets.ClientConnection]:
    gate = asyncio.Semaphore(CONNECT_AT_ONCE)
    name, value = next(iter(cookie.items()))
    headers = {"Cookie": f"{name}={value}"}

    async def open_one() -> websockets.ClientConnection:
        async with gate:
            return await websockets.connect(
                url,
                additional_headers=headers,
                origin=websockets.Origin(settings.PUBLIC_URL),
                open_timeout=60,
            )

    return await asyncio.gather(*(open_one() for _ in range(count)))
