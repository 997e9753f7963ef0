"""What a browser loads to show the desk for the first time."""

from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse

from helpdesk.accounts.models import User
from helpdesk.rehearsal.bench.results import Result
from helpdesk.rehearsal.bench.visitor import session_cookie

CHROMIUM = "/usr/bin/chromium"
GOAL_KB, GOAL_PAINT_MS = 150, 1000
_PAINT = """() => new Promise(done => {
  new PerformanceObserver(list => {
    const entries = list.getEntries();
    done(entries[entries.length - 1].startTime);
  }).observe({type: 'largest-contentful-paint', buffered: true});
})"""


def measure_first_load(base_url: str) -> list[Result]:
    """Open the desk in an empty browser; count its bytes and time its paint."""
    from playwright.sync_api import sync_playwright

    agent = User.objects.filter(role="agent").order_by("pk")[0]
    cookies = session_cookie(agent)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1600, "height": 1000})
        context.add_cookies(
            [
                {"name": name, "value": value, "url": base_url}
                for name, value in cookies.items()
            ]
        )
        load = _Load(context.new_page(), base_url)
        load.run(base_url + reverse("inbox:queue", args=["all"]))
        browser.close()
    return load.results()


class _Load:
    """One page load, seen through the browser's own instruments."""

    def __init__(self, page: Any, base_url: str) -> None:
        self.page = page
        self.host = urlsplit(base_url).hostname
        self.bytes = 0.0
        self.foreign: list[str] = []
        self.paint = 0.0
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", self._finished)
        page.on("request", self._requested)

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes += float(event["encodedDataLength"])

    def _requested(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme.startswith("http") and parts.hostname != self.host:
            self.foreign.append(request.url)

    def run(self, url: str) -> None:
        self.page.goto(url, wait_until="networkidle")
        self.paint = float(self.page.evaluate(_PAINT))

    def results(self) -> list[Result]:
        return [
            Result(
                name="desk_first_load",
                value=round(self.bytes / 1000, 1),
                unit="kB",
                goal=GOAL_KB,
            ),
            Result(
                name="desk_largest_paint",
                value=round(self.paint, 1),
                unit="ms",
                goal=GOAL_PAINT_MS,
            ),
            Result(
                name="desk_foreign_requests",
                value=len(self.foreign),
                unit="requests",
                goal=0,
            ),
        ]
