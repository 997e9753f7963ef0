"""A shop is closed: what a visitor leaves there is answered all the same."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.journeys.letters import letter
from tests.journeys.shop import open_shop, set_up_widgets

CLOSED, HOLIDAY = "nobody-there", "holiday-there"
BRIEF = {"days": {"wed": [["03:00", "03:01"]]}}
NOTICE = "On Thursday 24 December we answer until noon only."
LONG_AGO = """
UPDATE chat_chatstate SET unseen_since = now() - interval '10 minutes'
WHERE unseen_since IS NOT NULL
"""


@pytest.fixture(scope="module")
def shop(desk):
    with open_shop() as shop:
        domains = [f"127.0.0.1:{shop.port}"]
        once = {"may_reply_to_closed": False}
        set_up_widgets(
            desk,
            {
                CLOSED: {"domains": domains, "hours": BRIEF},
                HOLIDAY: {"domains": domains, "notice": NOTICE, "visitors": once},
            },
        )
        desk.rows("UPDATE inbox_channel SET undo_seconds = 0 WHERE kind = 'webchat'")
        for key in (CLOSED, HOLIDAY):
            shop.put(
                f"/{key}",
                '<!doctype html><html lang="en"><head><title>Tents</title>'
                f'<script async src="{desk.url}/chat/{key}/widget.js"></script></head>'
                "<body><main><h1>Tents</h1></main></body></html>",
            )
        yield shop


@pytest.fixture
def come(visit, shop):
    def open_panel(key):
        window = visit(url=shop.url)
        window.goto(f"/{key}")
        window.page.locator("tributary-chat button.l").click()
        panel = window.page.frame_locator("tributary-chat iframe")
        expect(panel.get_by_role("heading", level=1)).to_be_visible()
        return window, panel

    return open_panel


def words(text):
    return f"{text} {uuid4().hex[:8]}"


class TestWhileNobodyIsThere:
    def test_leaves_a_message_and_is_answered_by_mail(
        self, come, sign_in, desk, postbox
    ):
        question, reply = words("Do you rent canoes?"), words("We do, from May.")
        thanks = words("Until May, then.")
        address = f"wanda@{uuid4().hex[:6]}.example"
        window, panel = come(CLOSED)
        expect(panel.locator(".foot")).to_contain_text("Closed now, back Wednesday")

        panel.locator(".go").click()
        expect(panel.get_by_role("heading", level=1)).to_have_text("Leave us a message")
        expect(panel.get_by_text("We are away now and back Wednesday")).to_be_visible()
        panel.get_by_label("Your email").fill("wanda@")
        panel.get_by_label("Your message").fill(question)
        panel.get_by_role("button", name="Send").click()
        expect(panel.get_by_text("This does not look like an email")).to_be_visible()
        panel.get_by_label("Your email").fill(address)
        panel.get_by_role("button", name="Send").click()
        expect(panel.locator(".m.me", has_text=question)).to_be_visible()
        expect(panel.get_by_text(f"our answer comes to {address}")).to_be_visible()
        expect(panel.locator(".s", has_text="Sent")).to_be_visible()
        window.page.close()

        agent = sign_in("noor")
        agent.goto("/queues/all/")
        agent.page.locator(".row", has_text=question).get_by_role("link").first.click()
        expect(agent.page.locator("#timeline").get_by_text(question)).to_be_visible()
        field = agent.page.get_by_role("textbox", name="Your answer")
        field.fill(reply)
        field.press("Control+Enter")
        expect(agent.page.locator("#timeline").get_by_text(reply)).to_be_visible()
        desk.rows(LONG_AGO)
        mail = postbox.wait_for(address)

        assert reply in mail.get_body(("plain",)).get_content()
        desk.send(letter(sender=f"Wanda <{address}>", text=thanks, answers=mail))
        expect(agent.page.locator("#timeline").get_by_text(thanks)).to_be_visible()


class TestAfterTheEnd:
    def test_is_told_thanked_and_shown_the_way_to_a_new_topic(self, come, sign_in):
        question, other = words("Is it light?"), words("Something else.")
        _, panel = come(HOLIDAY)
        expect(panel.get_by_role("note")).to_have_text(NOTICE)
        panel.locator(".go").click()
        field = panel.get_by_role("textbox", name="Write a message")
        field.fill(question)
        field.press("Enter")
        expect(panel.locator(".s", has_text="Sent")).to_be_visible()
        agent = sign_in("noor")
        agent.goto("/queues/all/")
        agent.page.locator(".row", has_text=question).get_by_role("link").first.click()
        expect(agent.page.locator("#timeline").get_by_text(question)).to_be_visible()

        panel.get_by_role("button", name="More").click()
        panel.get_by_role("menuitem", name="End the conversation").click()
        panel.get_by_role("button", name="End it").click()
        expect(panel.get_by_text("The conversation has ended")).to_be_visible()
        expect(field).to_be_hidden()
        panel.get_by_role("radio", name="Good", exact=True).check(force=True)
        panel.get_by_label("Would you like to tell us more?").fill("Quick and kind")
        panel.locator(".rate").get_by_role("button", name="Send").click()
        expect(panel.get_by_text("Thank you. That helps us.")).to_be_visible()
        expect(agent.page.locator("#timeline")).to_contain_text("Quick and kind")

        panel.get_by_role("button", name="Start a new conversation").click()
        expect(panel.locator(".m")).to_have_count(0)
        field.fill(other)
        field.press("Enter")
        expect(panel.locator(".s", has_text="Sent")).to_be_visible()
        panel.get_by_role("button", name="Back").click()
        rows = panel.locator(".conversation")
        expect(rows).to_have_count(2)
        expect(rows.nth(1)).to_contain_text("Ended")
        rows.nth(1).click()
        expect(panel.get_by_role("radio", name="Good", exact=True)).to_be_checked()
