"""Measure speed and size: `make bench`, `ONLY=search,journal`, `SCALE=0.1`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from helpdesk.rehearsal.bench.machine import StolenTime
from helpdesk.rehearsal.bench.results import Result, table, write
from helpdesk.rehearsal.installation import (
    BASE_DIR,
    Installation,
    running,
    use_own_data,
)

PARTS = (
    "idle_memory",
    "growth",
    "list_page",
    "timeline_page",
    "queue_counts",
    "search",
    "desk_first_load",
    "push_100",
    "push_1000",
    "journal",
    "ingest_mail",
    "chat_widget",
    "chat_sockets",
    "chat_round",
    "chat_round_1000",
    "chat_load",
)
ALIASES = {
    "ingest": "ingest_mail",
    "pages": "list_page",
    "memory": "idle_memory",
    "chat": "chat_round",
}
PAGES = frozenset({"list_page", "timeline_page", "queue_counts", "search"})
SMALL = 0.01
"""Growth compares with a desk of 20,000 items."""


class Command(BaseCommand):
    help = "Measure speed and size; prints a table and writes var/bench/latest.json."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = BASE_DIR / "var" / "bench"
        use_own_data(folder / "data")
        wanted = _wanted(os.environ.get("ONLY", ""))
        scale = float(os.environ.get("SCALE") or 1)
        with running(
            data_dir=Path(settings.DATA_DIR), web_port=settings.WEB_PORT
        ) as installation:
            results = Bench(
                installation, wanted=wanted, scale=scale, say=self._say
            ).run()
        write(results, folder / "latest.json")
        self._say(table(results))
        self._say(f"\nWritten to {(folder / 'latest.json').relative_to(BASE_DIR)}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


class Bench:
    """Runs the wanted parts one after another on one installation."""

    def __init__(
        self,
        installation: Installation,
        *,
        wanted: frozenset[str],
        scale: float,
        say: Callable[[str], None],
    ) -> None:
        self.installation, self.wanted = installation, wanted
        self.scale, self.say = scale, say

    def run(self) -> list[Result]:
        stolen = StolenTime()
        results = self._memory()
        results += self._growth_and_pages()
        results += self._first_load()
        results += self._push()
        results += self._ingest()
        results += self._chat()
        connection.close()
        return results + stolen.result()

    def _memory(self) -> list[Result]:
        if "idle_memory" not in self.wanted:
            return []
        from helpdesk.rehearsal.bench.memory import measure_idle_memory

        self.say("Waiting for everything to be idle …")
        return measure_idle_memory(self.installation)

    def _populate(self, scale: float) -> None:
        from helpdesk.rehearsal.bench.population import Size, populate

        size = Size.scaled(scale)
        self.say(
            f"A desk of {size.items:,} items, {size.conversations:,} conversations "
            f"and {size.customers:,} customers …"
        )
        populate(size)

    def _growth_and_pages(self) -> list[Result]:
        from helpdesk.rehearsal.bench.pages import Pages, growth_seconds, measure_pages

        results: list[Result] = []
        small = None
        if "growth" in self.wanted:
            self._populate(SMALL * self.scale)
            small = growth_seconds(Pages(self.installation.url))
        needs_full = "growth" in self.wanted or self.wanted & PAGES
        self._populate(self.scale if needs_full else min(self.scale, SMALL))
        if not needs_full:
            return []
        pages = Pages(self.installation.url)
        if self.wanted & PAGES:
            results += [r for r in measure_pages(pages) if r.name in self.wanted]
        if small is not None:
            results.append(_growth(small=small, full=growth_seconds(pages)))
        return results

    def _first_load(self) -> list[Result]:
        if "desk_first_load" not in self.wanted:
            return []
        from helpdesk.rehearsal.bench.first_load import measure_first_load

        return measure_first_load(self.installation.url)

    def _push(self) -> list[Result]:
        from helpdesk.rehearsal.bench.push import measure_push

        results: list[Result] = []
        for sockets, goal in ((100, 150), (1000, 400)):
            if f"push_{sockets}" in self.wanted:
                self.say(f"Opening {sockets} browsers …")
                results += measure_push(
                    sockets=sockets, goal=goal, realtime_port=settings.REALTIME_PORT
                )
        return results

    def _ingest(self) -> list[Result]:
        from helpdesk.rehearsal.bench.ingest import measure_ingest, measure_journal

        results: list[Result] = []
        if "ingest_mail" in self.wanted:
            self.say("Receiving mail …")
            results += measure_ingest(scale=self.scale)
        if "journal" in self.wanted:
            self.say("Keeping mail …")
            results += measure_journal()
        return results

    def _chat(self) -> list[Result]:
        from helpdesk.rehearsal.bench.chat import measure_rounds
        from helpdesk.rehearsal.bench.chat_load import (
            measure_load,
            measure_sockets,
            measure_widget,
        )

        results: list[Result] = []
        if "chat_widget" in self.wanted:
            self.say("Opening the widget …")
            results += measure_widget(self.installation)
        if "chat_sockets" in self.wanted:
            results.append(measure_sockets(self.installation))
        for name, idle, goal in (
            ("chat_round", 0, 150),
            ("chat_round_1000", 1000, 500),
        ):
            if name in self.wanted:
                self.say(f"A hundred chats beside {idle} idle visitors …")
                results.append(measure_rounds(self.installation, idle=idle, goal=goal))
        if "chat_load" in self.wanted:
            self.say("A thousand visitors, thirty messages a second …")
            results += measure_load(self.installation, scale=self.scale)
        return results


def _wanted(only: str) -> frozenset[str]:
    """The named parts, with commas between them; all where none is named."""
    named = {ALIASES.get(it, it) for it in only.replace(",", " ").split()}
    if not named <= set(PARTS):
        raise CommandError(f"ONLY names parts among: {', '.join(PARTS)}")
    return frozenset(named or PARTS)


def _growth(*, small: float, full: float) -> Result:
    return Result(
        name="growth",
        value=round(full / small, 2),
        unit="times",
        goal=1.5,
        note=f"{small:.1f} ms at 1 % of the size, {full:.1f} ms at all of it",
    )
