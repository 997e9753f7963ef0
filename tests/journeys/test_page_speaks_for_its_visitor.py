"""A shop's own pages, on an origin of their own, use all that the chat offers them."""

import json
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.helpdesk.chat.signing import signed_fields, signed_token
from tests.journeys.browser import WIDE
from tests.journeys.shop import open_shop, set_up_widgets

KEY, INVITING = "page-speaks", "page-invites"
SECRET = "a-secret-of-the-shop-that-is-long-enough"
HESITATES = {
    "key": "hesitates",
    "text": "Does something stop you at the check-out?",
    "attributes": {"step": "check-out", "hesitates": "true"},
    "seconds": 0,
}
LINGERS = {
    "key": "lingers",
    "text": "Shall we help you choose?",
    "url_contains": "/tents",
    "seconds": 3,
}
HEAR = """
window.happened = [];
window.tributary ||= [];
for (const name of ["ready", "open", "close", "unread", "message", "forgotten"])
  tributary.push(["on", name, (detail) => happened.push([name, detail ?? null])]);
"""
HEARD = "name => happened.some(it => it[0] === name)"
LAST = "SELECT coalesce(max(id), 0) FROM inbox_timelineitem"
STORED = """
SELECT i.conversation_id FROM inbox_timelineitem i WHERE i.text = %s
"""
FACTS = """
SELECT v.attributes FROM chat_visitor v JOIN inbox_channel c ON c.id = v.channel_id
WHERE c.address = %s ORDER BY v.id DESC LIMIT 1
"""


def words(text):
    return f"{text} {uuid4().hex[:8]}"


def page_of(desk, key, title):
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>'
        f'<script async src="{desk.url}/chat/{key}/widget.js"></script></head>'
        f"<body><main><h1>{title}</h1></main></body></html>"
    )


@pytest.fixture(scope="module")
def shop(desk):
    with open_shop() as shop:
        host = {"domains": [f"127.0.0.1:{shop.port}"]}
        set_up_widgets(
            desk,
            {
                KEY: {**host, "identity_secrets": [SECRET]},
                INVITING: {**host, "invitations": [HESITATES, LINGERS]},
            },
        )
        desk.rows("UPDATE inbox_channel SET undo_seconds = 0 WHERE address = %s", KEY)
        shop.put("/", page_of(desk, KEY, "Tents"))
        shop.put("/check-out", page_of(desk, INVITING, "Check-out"))
        shop.put("/tents", page_of(desk, INVITING, "Tents"))
        yield shop


class Customer:
    """Somebody on a page of the shop."""

    def __init__(self, window, path):
        self.window, self.page = window, window.page
        window.context.add_init_script(HEAR)
        window.goto(path)
        expect(self.launcher).to_be_visible()

    @property
    def launcher(self):
        return self.page.locator("tributary-chat button.l")

    @property
    def panel(self):
        return self.page.frame_locator("tributary-chat iframe")

    @property
    def invitation(self):
        return self.page.locator("tributary-chat [role=status]")

    def tells(self, name, *facts):
        self.page.evaluate("call => tributary.push(call)", [name, *facts])

    def hears(self, name):
        self.page.wait_for_function(HEARD, arg=name)
        return [it for it in self.page.evaluate("happened") if it[0] == name][-1][1]

    def says(self, text):
        field = self.panel.get_by_role("textbox", name="Write a message")
        field.fill(text)
        field.press("Enter")
        expect(self.panel.locator(".s", has_text="Sent")).to_be_visible()

    def begins(self, text):
        self.tells("open")
        self.panel.locator(".go").click()
        self.says(text)


@pytest.fixture
def customer(visit, shop):
    def come(path="/", **options):
        return Customer(visit(url=shop.url, viewport=WIDE, **options), path)

    return come


def conversation_with(customer, text):
    for _ in range(300):
        found = customer.window.desk.rows(STORED, text)
        if found:
            return found[0][0]
        customer.page.wait_for_timeout(100)
    raise AssertionError(f"{text} never arrived")


def answer(agent, conversation, text):
    agent.goto(f"/conversations/{conversation}/?queue=all")
    expect(agent.page.locator("#timeline .message").last).to_be_visible()
    field = agent.page.get_by_role("textbox", name="Your answer")
    field.fill(text)
    field.press("Control+Enter")


class TestIdentity:
    @pytest.mark.parametrize("kind", ["token", "fields"])
    def test_brings_the_same_conversations_to_a_second_device(
        self, customer, sign_in, kind
    ):
        user, question = uuid4().hex, words("Is it waterproof?")

        def proof():
            if kind == "token":
                return signed_token(secret=SECRET, sub=user, name="Mira Sand")
            return signed_fields(key=KEY, secret=SECRET, user_id=user, name="Mira Sand")

        laptop = customer()
        laptop.tells("identify", proof())
        laptop.begins(question)
        conversation = conversation_with(laptop, question)

        phone = customer()
        phone.tells("identify", proof())
        phone.tells("open")
        phone.panel.locator(".conversation", has_text=question).click()
        expect(phone.panel.locator(".m.me", has_text=question)).to_be_visible()
        agent = sign_in("noor")
        answer(agent, conversation, "To a depth of an arm.")

        for device in (laptop, phone):
            expect(device.panel.get_by_text("To a depth of an arm.")).to_be_visible()
        expect(agent.page.locator("#desk")).to_contain_text("Mira Sand")

    def test_is_forgotten_when_they_sign_out(self, customer):
        user, question = uuid4().hex, words("Whose is this?")
        here = customer()
        here.tells("identify", signed_token(secret=SECRET, sub=user))
        here.begins(question)
        conversation_with(here, question)
        assert here.page.evaluate("localStorage.tributary") == "1"

        here.tells("forget")
        here.hears("forgotten")

        expect(here.panel.get_by_role("heading", level=1)).to_be_visible()
        expect(here.panel.locator(".conversation")).to_have_count(0)
        assert here.page.evaluate("Object.keys(localStorage)") == []
        again = customer()
        again.tells("identify", signed_token(secret=SECRET, sub=user))
        again.tells("open")
        expect(again.panel.locator(".conversation", has_text=question)).to_be_visible()

    def test_of_a_visitor_is_gone_with_all_they_wrote(self, customer):
        question = words("Please forget me")
        here = customer()
        here.begins(question)
        conversation_with(here, question)

        here.panel.get_by_role("button", name="More").click()
        here.panel.get_by_role("menuitem", name="Delete my data").click()
        here.panel.get_by_role("button", name="Delete everything").click()
        expect(here.panel.get_by_text("Your data has been deleted.")).to_be_visible()

        here.hears("forgotten")
        assert here.page.evaluate("Object.keys(localStorage)") == []
        for _ in range(300):
            if not here.window.desk.rows(STORED, question):
                break
            here.page.wait_for_timeout(100)
        assert here.window.desk.rows(STORED, question) == []


class TestThePage:
    def test_writes_the_first_words_and_says_what_it_knows(self, customer):
        here = customer()
        question = words("I cannot pay with my card.")

        here.tells("set", {"plan": "pro", "basket": 3})
        here.tells("ask", question)
        field = here.panel.get_by_role("textbox", name="Write a message")
        expect(field).to_have_value(question)
        expect(field).to_be_focused()
        assert here.window.desk.rows(STORED, question) == []
        field.press("Enter")
        conversation_with(here, question)
        here.tells("set", {"basket": 4})

        expected = {"plan": "pro", "basket": 4}
        for _ in range(100):
            facts = here.window.desk.rows(FACTS, KEY)[0][0]
            facts = json.loads(facts) if isinstance(facts, str) else facts
            if facts == expected:
                break
            here.page.wait_for_timeout(100)
        assert facts == expected

    def test_hears_of_answers_with_the_panel_closed_on_another_page(
        self, customer, sign_in
    ):
        here, question = customer(), words("Is it in stock?")
        here.begins(question)
        conversation = conversation_with(here, question)
        here.window.goto("/")
        expect(here.launcher).to_be_visible()
        here.hears("ready")
        expect(here.page.locator("tributary-chat iframe")).to_be_hidden()

        answer(sign_in("noor"), conversation, "Two are left.")

        assert here.hears("message")["text"] == "Two are left."
        assert here.hears("unread") == 1
        expect(here.launcher).to_have_accessible_name("Open chat. Unread messages: 1")

    def test_keeps_the_launcher_to_itself(self, customer):
        here = customer()

        here.tells("hide")
        expect(here.launcher).to_be_hidden()
        here.tells("toggle")
        expect(here.panel.get_by_role("heading", level=1)).to_be_visible()
        here.tells("toggle")

        here.hears("close")
        expect(here.launcher).to_be_hidden()
        expect(here.page.locator("tributary-chat iframe")).to_be_hidden()

    def test_changes_the_language_while_somebody_writes(self, customer):
        here = customer()
        question = words("Sprechen Sie Deutsch?")
        here.begins(question)

        here.tells("language", "de")

        expect(here.panel.locator("html")).to_have_attribute("lang", "de")
        field = here.panel.get_by_role("textbox", name="Nachricht schreiben")
        expect(field).to_be_visible()
        expect(here.panel.locator(".m.me", has_text=question)).to_be_visible()
        expect(here.launcher).to_have_accessible_name("Chat schließen")


class TestAnInvitation:
    def test_comes_to_who_hesitates_at_the_check_out(self, customer):
        here = customer("/check-out")
        expect(here.invitation).to_be_hidden()

        here.tells("set", {"step": "check-out"})
        here.tells("set", {"hesitates": True})
        expect(here.invitation).to_contain_text(HESITATES["text"])
        here.invitation.get_by_role("button").first.click()
        expect(here.panel.locator(".m", has_text=HESITATES["text"])).to_be_visible()
        reply = words("The postage is too high.")
        here.says(reply)

        kept = "SELECT text FROM inbox_timelineitem WHERE conversation_id = %s "
        kept += "ORDER BY id"
        conversation = conversation_with(here, reply)
        said = [text for (text,) in here.window.desk.rows(kept, conversation)]
        assert reply in said
        here.window.goto("/check-out")
        here.hears("ready")
        here.tells("open")
        here.panel.locator(".conversation").click()
        expect(here.panel.locator(".m", has_text=HESITATES["text"])).to_have_count(1)

    def test_comes_to_who_stays_for_a_while_on_a_page(self, customer):
        here = customer("/tents")
        begun = here.page.evaluate("performance.now()")

        expect(here.invitation).to_contain_text(LINGERS["text"])

        assert here.page.evaluate("performance.now()") - begun > 1500
        expect(here.launcher).to_have_attribute("aria-expanded", "false")
        here.page.keyboard.press("Tab")
        here.invitation.get_by_role("button", name="Dismiss").click()
        expect(here.invitation).to_be_hidden()
