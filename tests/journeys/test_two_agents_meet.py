"""Two agents in one conversation see each other, and do not answer twice."""

import contextlib
import re

import psutil
import pytest
from playwright.sync_api import expect

from tests.journeys.letters import letter, somebody, subject_of
from tests.waiting import eventually

SOON = 5_000
"""Presence and changes come by the socket, not by the poll that replaces it."""


@pytest.fixture
def meeting(desk, sign_in):
    """Two windows in which Noor and Sam have opened the same new conversation."""
    subject = subject_of("Two of one kind")
    noor, sam = sign_in("noor").page, sign_in("sam").page
    noor.goto(f"{desk.url}/queues/all/")
    desk.send(letter(sender=somebody(), subject=subject, text="Which one is mine?"))
    noor.locator(".row", has_text=subject).get_by_role("link").click()
    expect(noor.get_by_role("heading", level=1, name=subject)).to_be_visible()
    sam.goto(noor.url)
    return noor, sam


def editor_of(page):
    return page.get_by_role("textbox", name="Your answer")


def kept_down(desk, name):
    """Kill a process as often as it comes back: a short outage is nobody's business."""
    with contextlib.suppress(ValueError, psutil.Error):
        desk.process(name).kill()
    return True


class TestTwoAgentsMeet:
    def test_each_sees_the_other_look_and_write(self, meeting):
        noor, sam = meeting

        expect(noor.locator("#presence")).to_have_text("Sam is viewing")
        expect(sam.locator("#presence")).to_have_text("Noor is viewing")

        editor_of(sam).press_sequentially("Yours is")

        expect(noor.locator("#presence")).to_have_text("Sam is replying", timeout=SOON)

        sam.goto(re.sub(r"conversations/.*", "queues/all/", sam.url))

        expect(noor.locator("#presence")).to_have_text("", timeout=SOON)

    def test_whoever_is_slower_is_told_first(self, meeting):
        noor, sam = meeting
        editor_of(sam).press_sequentially("The blue one is yours.")
        editor_of(noor).press_sequentially("The red one is yours.")

        noor.keyboard.press("Control+Enter")
        expect(noor.locator(".message.is-out")).to_contain_text("The red one")
        expect(sam.locator(".message.is-out")).to_contain_text("The red one")
        sam.keyboard.press("Control+Enter")

        guard = sam.get_by_role("alert")
        expect(guard).to_contain_text("Noor Okafor")
        expect(sam.locator(".message.is-out")).to_have_count(1)
        expect(editor_of(sam)).to_have_text("The blue one is yours.")

        guard.get_by_role("button", name="Send anyway").click()

        expect(sam.locator(".message.is-out")).to_have_count(2)
        expect(noor.locator(".message.is-out").last).to_contain_text("The blue one")

    def test_lists_and_counts_move_by_themselves(self, meeting):
        noor, sam = meeting
        subject = noor.get_by_role("heading", level=1).last.inner_text()
        sam.goto(re.sub(r"conversations/.*", "queues/unassigned/", sam.url))
        row = sam.locator(".row", has_text=subject)
        expect(row).to_be_visible()
        count = sam.get_by_role("link", name=re.compile("^Unassigned")).locator(
            ".nav-count"
        )
        before = int(count.inner_text())

        noor.keyboard.press("i")

        expect(row).to_have_count(0, timeout=SOON)
        if before > 1:
            expect(count).to_have_text(str(before - 1), timeout=SOON)
        else:
            expect(count).to_have_count(0, timeout=SOON)

    def test_a_lost_connection_heals_by_itself(self, desk, meeting):
        noor, sam = meeting
        expect(noor.locator("#presence")).to_have_text("Sam is viewing")

        line = noor.locator("#connection")
        assert eventually(lambda: kept_down(desk, "realtime") and line.is_visible())

        expect(line).to_have_text("Reconnecting. What you see may be a little behind.")
        editor_of(sam).fill("While nobody listened.")
        sam.keyboard.press("Control+Enter")
        expect(line).to_be_hidden()
        expect(noor.locator(".message.is-out")).to_contain_text(
            "While nobody listened."
        )
        expect(noor.locator("#presence")).to_have_text("Sam is viewing")
