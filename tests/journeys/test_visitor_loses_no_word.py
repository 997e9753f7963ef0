"""However fast, and wherever else somebody looks meanwhile: what was written stays."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.journeys.shop import set_up_widgets

KEY, FORM = "keeps-words", "keeps-form"
HOST = {"domains": ["shop.example"]}
PANEL = {"width": 376, "height": 640}
SLOW = """
const send = window.fetch;
window.fetch = async (address, options) => {
  if (options?.method === "POST" && address.endsWith("/messages/"))
    await new Promise((done) => setTimeout(done, 300));
  return send(address, options);
};"""
"""Each message takes a while to leave, as on the line of a phone."""
STORED = """
SELECT i.text FROM inbox_timelineitem i WHERE i.text LIKE %s ORDER BY i.id
"""


@pytest.fixture(scope="module", autouse=True)
def widgets(desk):
    set_up_widgets(desk, {KEY: HOST})


class Writer:
    """Somebody who writes to us."""

    def __init__(self, window):
        self.window, self.page = window, window.page

    @property
    def field(self):
        return self.page.locator(".co textarea")

    def comes(self, key=KEY):
        self.window.goto(f"/chat/{key}/?language=en")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def begins(self):
        self.page.locator(".go").click()

    def says(self, text):
        self.field.fill(text)
        self.field.press("Enter")


@pytest.fixture
def writer(visit):
    def come(key=KEY, *, before=""):
        window = visit(viewport=PANEL)
        window.context.add_init_script(before)
        writer = Writer(window)
        writer.comes(key)
        return writer

    return come


class TestWhoWritesFast:
    def test_has_every_line_delivered_in_order(self, writer):
        writer = writer(before=SLOW)
        mark = uuid4().hex[:8]
        lines = [f"Line {number} {mark}" for number in range(5)]

        writer.begins()
        for line in lines:
            writer.says(line)

        expect(writer.page.locator(".s")).to_have_text(["Sent"])
        for _ in range(100):
            stored = writer.window.desk.rows(STORED, f"%{mark}")
            if len(stored) == len(lines):
                break
            writer.page.wait_for_timeout(100)
        assert [text for (text,) in stored] == lines
