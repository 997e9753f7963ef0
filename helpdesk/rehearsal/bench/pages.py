"""How long the pages of a very full desk take at the server."""

import random
from collections.abc import Iterator
from functools import partial
from itertools import chain
from statistics import median

from django.urls import reverse

from helpdesk.accounts.models import User
from helpdesk.rehearsal.bench.population import VIPS
from helpdesk.rehearsal.bench.results import Result, middle, percentile_95
from helpdesk.rehearsal.bench.visitor import timed_pages
from helpdesk.rehearsal.bench.words import COMMON, MEDIUM
from inbox.models import Conversation, TimelineItem

REQUESTS = 205
RUNS = 3
_CJK_QUERIES = ("番号", "配送", "返品", "领収", "快递")


class Pages:
    """Fetches pages of one installation as an ordinary agent and as an admin."""

    def __init__(self, base_url: str) -> None:
        self.chance = random.Random(4)  # noqa: S311 - the same pages every time
        self.admin = User.objects.filter(role="admin").order_by("pk")[0]
        self.agent = User.objects.filter(role="agent").order_by("pk")[0]
        self.fetch = partial(timed_pages, base_url=base_url)

    def list_seconds(self) -> list[float]:
        return self.fetch(agent=self.agent, paths=self._lists())

    def timeline_seconds(self) -> list[float]:
        return self.fetch(agent=self.agent, paths=self._timelines())

    def count_seconds(self) -> list[float]:
        path = reverse("inbox:queues")
        return self.fetch(agent=self.agent, paths=[path] * REQUESTS)

    def search_seconds(self) -> list[float]:
        return self.fetch(agent=self.agent, paths=self._searches())

    def _lists(self) -> Iterator[str]:
        queues = ("mine", "unassigned", "waiting", "snoozed", "all", "closed")
        for number in range(REQUESTS):
            queue = queues[number % len(queues)]
            sort = ("newest", "waiting", "due")[number // len(queues) % 3]
            yield _list_url(queue, sort="newest" if queue == "closed" else sort)

    def _timelines(self) -> Iterator[str]:
        visible = Conversation.objects.visible_to(self.agent)
        vips = list(
            visible.filter(customer_id__lte=VIPS).values_list("pk", flat=True)[:2000]
        )
        others = list(visible.active().values_list("pk", flat=True)[:2000])
        for number in range(REQUESTS):
            pk = self.chance.choice(vips if number % 4 == 0 and vips else others)
            yield reverse("inbox:timeline", args=[pk])

    def _searches(self) -> Iterator[str]:
        newest = TimelineItem.objects.order_by("-pk").values_list("pk", flat=True)[0]
        for number in range(REQUESTS):
            kinds = (
                self.chance.choice(COMMON),
                self.chance.choice(MEDIUM),
                f"ref{self.chance.randrange(1, newest)}x",
                f"{self.chance.choice(MEDIUM)} {self.chance.choice(COMMON)}",
                self.chance.choice(_CJK_QUERIES),
            )
            yield f"{reverse('inbox:search')}?q={kinds[number % len(kinds)]}"


def _list_url(queue: str, *, sort: str) -> str:
    return f"{reverse('inbox:conversation-list', args=[queue])}?sort={sort}"


def measure_pages(pages: Pages) -> list[Result]:
    """Time all four at the full size: the median of each run's 95th percentile."""
    parts = (
        ("list_page", pages.list_seconds, 40),
        ("timeline_page", pages.timeline_seconds, 40),
        ("queue_counts", pages.count_seconds, 15),
        ("search", pages.search_seconds, 100),
    )
    results = []
    for name, seconds_of, goal in parts:
        runs = [seconds_of() for _ in range(RUNS)]
        results.append(
            Result(
                name=name,
                value=round(median(percentile_95(run) for run in runs), 1),
                unit="ms p95",
                goal=goal,
                note=f"median {middle(list(chain(*runs))):.1f} ms, {RUNS} runs",
            )
        )
    return results


def growth_seconds(pages: Pages) -> float:
    """Return the median milliseconds of a list and a timeline together."""
    return middle(pages.list_seconds()) + middle(pages.timeline_seconds())
