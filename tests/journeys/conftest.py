"""Journeys run in a real browser, on a real installation of their own."""

import contextlib
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect, sync_playwright

from helpdesk.bootstrap import find_chromium, find_firefox
from tests.journeys.browser import (
    FIREFOX_PREFERENCES,
    FLAGS,
    PATIENCE,
    WIDE,
    ChromiumMissing,
    Visit,
)
from tests.journeys.desk import FOLDER, open_desk, running_desk
from tests.journeys.postbox import Postbox
from tests.journeys.strict_shop import customers_of, open_strict_shop

PASSWORD = "tributary-demo"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {
    "light": {"type": "tag", "values": AXE_TAGS},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What axe looks for: in the dark only the colors are different."""
STILL = """() => new Promise(requestAnimationFrame)
  .then(() => Promise.allSettled(document.getAnimations().map(it => it.finished)))"""
"""Colors have changed, and nothing moves any more."""
LOOK = """([parts, options]) =>
  axe.run(parts.length ? { include: parts.map(it => [it]) } : document, options)
    .then(results => results.violations)"""
RUNNING_DESK = os.environ.get("JOURNEYS_DESK")
"""Folder of a desk that runs already, while somebody writes journeys."""
BROWSER = os.environ.get("JOURNEYS_BROWSER", "chromium")
WINDOWS = pytest.StashKey()


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def playwright():
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(request):
    """Chromium, or the one that a journey or whoever starts it has chosen."""
    return request.getfixturevalue(getattr(request, "param", BROWSER))


@pytest.fixture(scope="session")
def chromium(playwright):
    chromium = find_chromium()
    if not chromium:
        raise ChromiumMissing("There is no browser; make e2e looks for one.")
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright):
    """Firefox as everybody has it, by WebDriver BiDi."""
    firefox = find_firefox()
    if not firefox:
        pytest.skip("Firefox is not on this machine; make e2e installs it for root")
    browser = playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=firefox,
        firefox_user_prefs=FIREFOX_PREFERENCES,
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def desk():
    if RUNNING_DESK:
        yield running_desk(Path(RUNNING_DESK))
        return
    with open_desk("demo", TRIBUTARY_DEMO="1", TRIBUTARY_DEMO_VISITORS="0") as desk:
        yield desk


@pytest.fixture(scope="session")
def empty_desk():
    """A desk that nobody has set up yet."""
    with open_desk("empty") as desk:
        yield desk


@pytest.fixture
def visit(browser, desk, request):
    """Open a window of somebody; at the end nothing may have gone wrong in any."""
    visits = request.node.stash[WINDOWS] = []

    def open_window(*, url=desk.url, viewport=WIDE, **options):
        context = browser.new_context(viewport=viewport, locale="en-US", **options)
        visits.append(Visit(context, url, desk))
        return visits[-1]

    yield open_window
    for each in visits:
        each.context.close()
    assert [complaint for each in visits for complaint in each.complaints] == []


@pytest.fixture(scope="session")
def sessions():
    """The sessions of agents, so that each signs in once."""
    return {}


@pytest.fixture
def sign_in(visit, sessions):
    """Open a window of an agent who is signed in."""

    def open_desk_of(name, **options):
        window = visit(storage_state=sessions.get(name), **options)
        if name in sessions:
            window.goto("/")
        else:
            window.sign_in(f"{name}@larchwood.example", PASSWORD)
            sessions[name] = window.context.storage_state()
        return window

    return open_desk_of


@pytest.fixture(scope="module")
def shop(desk):
    """A shop on strict pages; journeys on other pages have one of their own."""
    with open_strict_shop(desk) as shop:
        yield shop


@pytest.fixture
def customer(visit, shop):
    return customers_of(shop, visit=visit)


@pytest.fixture(scope="session")
def postbox(desk):
    return Postbox(desk)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and report.failed and "visit" in item.fixturenames:
        for number, window in enumerate(item.stash.get(WINDOWS, [])):
            # Whoever has left has no picture to show.
            with contextlib.suppress(Error):
                window.page.screenshot(path=FOLDER / f"{item.name}-{number}.png")
    return report


@pytest.fixture
def look():
    """Let axe look at a page, or at `parts` of it, light and dark.

    At the end it may have found nothing.
    """
    found = []

    def look_at(window, name, *, parts=()):
        for scheme, rules in AXE.items():
            window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            window.page.evaluate(STILL)
            found.extend(
                f"{name}, {scheme}: {it}"
                for it in _complaints(window.page, rules, parts)
            )

    yield look_at
    assert not found, "\n".join(found)


def _complaints(page, rules, parts):
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    violations = page.evaluate(LOOK, [list(parts), options])
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
