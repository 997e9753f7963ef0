"""A thousand visitors on the site, of whom some always write: is anything lost?

Also what a visitor's idle socket takes of memory, and how soon a panel can be used.
"""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import psutil

from helpdesk.rehearsal.bench.chat import chat_channel, looking_on, place_of
from helpdesk.rehearsal.bench.first_load import CHROMIUM
from helpdesk.rehearsal.bench.results import Result, middle, percentile_95
from helpdesk.rehearsal.chatters import Chatter, Place, new_chatters, pages_of
from helpdesk.rehearsal.installation import Installation
from inbox.models import Channel, TimelineItem

VISITORS = 1000
PER_SECOND = 30
SECONDS = 300
SETTLE_SECONDS = 60
IDLE_SOCKETS = 1000
GOAL_INTERACTIVE_MS, GOAL_LOADER_KB, GOAL_WIDGET_KB = 500, 3.0, 20.0
OPENINGS = 7


def measure_load(installation: Installation, *, scale: float) -> list[Result]:
    """Write 30 messages a second for five minutes; count what is not shown after."""
    channel = chat_channel()
    chatters = new_chatters(VISITORS, channel=channel)
    seconds = max(10, round(SECONDS * min(1.0, scale)))
    accepted = asyncio.run(_write_on(chatters, place_of(installation), seconds=seconds))
    wanted = Counter(text for chatter in chatters for text in chatter.taken)
    shown = _shown_when_settled(channel, count=len(wanted))
    lost = len(wanted - shown)
    doubled = sum((shown - wanted).values())
    return [
        Result(
            name="chat_load_lost",
            value=lost + doubled,
            unit="messages",
            goal=0,
            note=(
                f"{len(wanted):,} of {VISITORS:,} visitors in {seconds} s: "
                f"{lost} lost, {doubled} doubled; accepted within "
                f"{percentile_95(accepted):.0f} ms (p95)"
            ),
        )
    ]


async def _write_on(
    chatters: Sequence[Chatter], place: Place, *, seconds: int
) -> list[float]:
    accepted: list[float] = []
    async with (
        looking_on(chatters, place),
        pages_of(place.url) as pages,
        asyncio.TaskGroup() as tasks,
    ):
        begun = time.monotonic()
        for number in range(seconds * PER_SECOND):
            await asyncio.sleep(begun + number / PER_SECOND - time.monotonic())
            chatter = random.choice(chatters)  # noqa: S311
            tasks.create_task(_write(chatter, pages, accepted))
    return accepted


async def _write(
    chatter: Chatter, pages: aiohttp.ClientSession, accepted: list[float]
) -> None:
    begun = time.perf_counter()
    await chatter.write(pages, f"load-{uuid.uuid4().hex}")
    accepted.append(time.perf_counter() - begun)


def _shown_when_settled(channel: Channel, *, count: int) -> Counter[str]:
    give_up_at = time.monotonic() + SETTLE_SECONDS
    while True:
        shown = Counter(
            TimelineItem.objects.filter(channel=channel).values_list("text", flat=True)
        )
        if len(shown) >= count or time.monotonic() > give_up_at:
            return shown
        time.sleep(0.5)


def measure_sockets(installation: Installation) -> Result:
    """Open a thousand sockets that nobody writes on; print what each takes."""
    chatters = new_chatters(IDLE_SOCKETS, channel=chat_channel())
    place, process = place_of(installation), _realtime(installation)
    before = process.memory_full_info().pss
    after = asyncio.run(_memory_with(chatters, place, process))
    return Result(
        name="chat_socket_memory",
        value=round((after - before) / len(chatters) / 1000, 1),
        unit="kB",
        goal=None,
        note=f"of each of {len(chatters):,} idle visitors' sockets",
    )


async def _memory_with(
    chatters: Sequence[Chatter], place: Place, process: psutil.Process
) -> int:
    async with looking_on(chatters, place):
        await asyncio.sleep(3)
        return int(process.memory_full_info().pss)


def _realtime(installation: Installation) -> psutil.Process:
    for process in installation.processes():
        if "uvicorn" in process.cmdline():
            return process
    raise RuntimeError("no process serves sockets")


def measure_widget(installation: Installation) -> list[Result]:
    """Open the panel in an empty browser: its bytes, and when it can be used."""
    from playwright.sync_api import sync_playwright

    channel = chat_channel()
    url = f"{installation.url}/chat/{channel.address}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        loads = [_opening(browser, url) for _ in range(OPENINGS)]
        browser.close()
    loader = _compressed(f"{url}widget.js")
    total = loader + loads[0][1]
    return [
        Result(
            name="chat_panel_interactive",
            value=round(middle([seconds for seconds, _ in loads]), 1),
            unit="ms",
            goal=GOAL_INTERACTIVE_MS,
            note=f"median of {OPENINGS}, each in an empty browser",
        ),
        Result(
            name="chat_loader_size",
            value=round(loader / 1000, 2),
            unit="kB",
            goal=GOAL_LOADER_KB,
        ),
        Result(
            name="chat_widget_size",
            value=round(total / 1000, 2),
            unit="kB",
            goal=GOAL_WIDGET_KB,
            note="loader and panel before a conversation begins, bodies compressed",
        ),
    ]


def _opening(browser: Any, url: str) -> tuple[float, int]:
    """Return the seconds until the first button can be pressed, and the bytes."""
    context = browser.new_context(viewport={"width": 372, "height": 620})
    page = context.new_page()
    sizes: list[Any] = []
    host = urlsplit(url).netloc
    page.on(
        "requestfinished",
        lambda it: sizes.append(it) if urlsplit(it.url).netloc == host else None,
    )
    begun = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector("#app:not([aria-busy]) button.go", timeout=10_000)
    seconds = time.perf_counter() - begun
    page.wait_for_load_state("networkidle")
    total = sum(it.sizes()["responseBodySize"] for it in sizes if "/api/" not in it.url)
    context.close()
    return seconds, total


def _compressed(url: str) -> int:
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        answer.raise_for_status()
        return sum(len(chunk) for chunk in answer.iter_raw())
