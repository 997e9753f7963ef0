"""An agent in a live chat: line after line, faster than the network."""

import re
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

SHOP = "/demo/shop/"

TYPE_BETWEEN = """it => it.addEventListener("composer:sent", () => {
  document.execCommand("insertText", false, "And just begun");
}, { once: true })"""


class Visitor:
    """Somebody whose program writes to the chat of the shop."""

    def __init__(self, desk):
        self.api = httpx.Client(base_url=f"{desk.url}/api/v1/chat/", timeout=30)
        shop = httpx.get(f"{desk.url}{SHOP}").text
        key = re.search(r"/chat/([\w-]+)/widget\.js", shop)[1]
        stamp = self.api.get(f"channels/{key}/").raise_for_status().json()["stamp"]
        token = self._session(key, stamp).raise_for_status().json()["token"]
        self.api.headers["Authorization"] = f"Bearer {token}"
        self.topic = str(uuid4())

    def _session(self, key, stamp):
        """Begin as soon as no robot could have."""
        while True:
            answer = self.api.post(f"channels/{key}/sessions/", json={"stamp": stamp})
            if "stamp_too_fresh" not in answer.text:
                return answer

    def says(self, text):
        line = {"client_id": str(uuid4()), "topic": self.topic, "text": text}
        self.api.post("messages/", json=line).raise_for_status()


@pytest.fixture
def visitor(desk):
    visitor = Visitor(desk)
    yield visitor
    visitor.api.close()


@pytest.fixture
def page(sign_in, visitor):
    """The chat that the visitor has just begun, on an agent's screen."""
    question = f"Is it heavy? {uuid4().hex[:8]}"
    visitor.says(question)
    window = sign_in("noor")
    window.goto("/queues/all/")
    window.page.locator(".row", has_text=question).get_by_role("link").first.click()
    expect(editor_of(window.page)).to_be_visible()
    window.page.locator("#composer").evaluate("it => { it.isTheSame = true }")
    return window.page


def editor_of(page):
    return page.get_by_role("textbox", name="Your answer")


def sees(page, text):
    expect(page.locator("#timeline").get_by_text(text)).to_have_count(1)


class TestAgentAnswersAChat:
    def test_in_one_composer_that_stays_where_it_is(self, page, visitor):
        composer, editor = page.locator("#composer"), editor_of(page)

        for number in range(3):
            editor.fill(f"Answer {number}")
            editor.press("Enter")
            sees(page, f"Answer {number}")
            expect(editor).to_be_empty()
            expect(editor).to_be_focused()
            visitor.says(f"Question {number}")
            sees(page, f"Question {number}")

        expect(composer.get_by_role("alert")).to_be_empty()
        assert composer.evaluate("it => it.isTheSame")

    def test_that_is_no_alarm_in_its_first_minute(self, page):
        due = page.locator(".row", has=page.locator("[aria-current]")).locator(
            "[data-due]"
        )

        expect(due).to_have_count(1)
        assert "is-" not in due.get_attribute("class")

    def test_writing_the_next_lines_while_the_last_one_leaves(self, page):
        editor = editor_of(page)

        for number in range(4):
            editor.press_sequentially(f"Line {number}")
            editor.press("Enter")
        editor.press_sequentially("And just beg")

        for number in range(4):
            sees(page, f"Line {number}")
        editor.press_sequentially("un")
        expect(editor).to_have_text("And just begun")
        lines = page.locator("#timeline-items .message.is-out .prose")
        expect(lines).to_have_text([f"Line {number}" for number in range(4)])

    def test_typing_at_the_very_moment_when_a_line_has_left(self, page):
        editor, held = editor_of(page), []
        page.route("**/reply/", lambda it: held.append(it), times=1)
        page.locator("#composer").evaluate(TYPE_BETWEEN)

        for number in range(2):
            editor.press_sequentially(f"Line {number}")
            editor.press("Enter")
        expect(editor).to_be_empty()
        held.pop().continue_()

        sees(page, "Line 1")
        expect(editor).to_have_text("And just begun")
        lines = page.locator("#timeline-items .message.is-out .prose")
        expect(lines).to_have_text(["Line 0", "Line 1"])
