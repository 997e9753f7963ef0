"""However fast, and wherever else somebody looks meanwhile: what was written stays."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.journeys.shop import set_up_widgets

KEY, FORM = "keeps-words", "keeps-form"
HOST = {"domains": ["shop.example"]}
FIELDS = [
    {"name": "order", "label": "Order number", "type": "number"},
    {"name": "terms", "label": "Keep it", "type": "checkbox"},
]
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
    form = {"form_for": "everybody", "form_fields": FIELDS}
    set_up_widgets(desk, {KEY: HOST, FORM: {**HOST, **form}})


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

    def goes_home(self):
        self.page.get_by_role("button", name="Back").click()

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
        expect(writer.page.locator(".s")).to_have_text(["Sending"])

        expect(writer.page.locator(".s")).to_have_text(["Sent"])
        for _ in range(100):
            stored = writer.window.desk.rows(STORED, f"%{mark}")
            if len(stored) == len(lines):
                break
            writer.page.wait_for_timeout(100)
        assert [text for (text,) in stored] == lines


class TestADraft:
    def test_is_there_again_after_the_page(self, writer):
        writer = writer()
        writer.begins()
        writer.says("What does it weigh?")
        expect(writer.page.locator(".s")).to_have_text(["Sent"])

        writer.field.fill("And how long is")
        writer.comes()
        writer.page.locator(".conversation").click()

        expect(writer.field).to_have_value("And how long is")

    def test_stays_in_its_conversation(self, writer):
        writer = writer()
        writer.begins()
        writer.says("About the tent")
        writer.field.fill("Is the tent")
        expect(writer.page.locator(".s")).to_have_text(["Sent"])

        writer.goes_home()
        writer.begins()
        expect(writer.field).to_have_value("")
        writer.field.fill("About the stove")
        writer.goes_home()
        writer.page.locator(".conversation").click()

        expect(writer.field).to_have_value("Is the tent")

    def test_keeps_its_files_while_somebody_looks_elsewhere(self, writer):
        writer = writer()
        writer.begins()
        picture = {"name": "tent.png", "mimeType": "image/png", "buffer": b"tent"}
        writer.page.locator(".clip input").set_input_files([picture])

        writer.goes_home()
        writer.begins()

        expect(writer.page.locator(".chip")).to_contain_text("tent.png")

    def test_is_there_again_with_what_nobody_took(self, writer):
        writer = writer()
        writer.begins()
        writer.says("What does it weigh?")
        expect(writer.page.locator(".s")).to_have_text(["Sent"])
        refused = {"error": {"code": "token_invalid", "message": "Who are you?"}}
        held = []
        writer.page.route("**/chat/messages/", lambda it: held.append(it))

        writer.says("And how long is it?")
        writer.field.fill("I ask beca")
        writer.page.wait_for_timeout(100)
        held[0].fulfill(status=401, json=refused)

        both = "And how long is it?\n\nI ask beca"
        expect(writer.field).to_have_value(both)


class TestTheForm:
    def test_is_sent_once_and_leaves_nothing_behind(self, writer):
        writer = writer(FORM, before=SLOW)
        text = f"Where is it? {uuid4().hex[:8]}"
        writer.begins()
        writer.page.get_by_label("Your message").fill(text)

        writer.page.locator("form .go").dblclick()

        expect(writer.page.locator(".s")).to_have_text(["Sent"])
        expect(writer.page.locator(".m.me")).to_have_count(1)
        expect(writer.field).to_have_value("")

    def test_keeps_its_answers_while_somebody_looks_elsewhere(self, writer):
        writer = writer(FORM)
        writer.begins()
        writer.page.get_by_label("Order number").fill("1047")
        writer.page.get_by_label("Keep it").check()
        writer.page.get_by_label("Your message").fill("Where is it?")

        writer.goes_home()
        writer.begins()

        expect(writer.page.get_by_label("Order number")).to_have_value("1047")
        expect(writer.page.get_by_label("Keep it")).to_be_checked()
        expect(writer.page.get_by_label("Your message")).to_have_value("Where is it?")
