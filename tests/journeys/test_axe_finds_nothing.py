"""Axe looks at every page, light and dark, and finds nothing to complain about."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import PHONE

QUEUES = (
    "mine",
    "unassigned",
    "mentions",
    "waiting",
    "snoozed",
    "all",
    "closed",
    "spam",
)
TOPICS = (
    "Where is my order #1047?",
    "New bank account for your refunds",
    "Please use my new address",
    "Ski rental for February",
    "The winter fabrics are here",
    "الحقيبة الثالثة التي تتمزق من نفس المكان",
)
KINDS = {
    "a message": ".message:not(.is-out)",
    "an answer": ".message.is-out:not(.is-note)",
    "a note": ".message.is-note",
    "an event": ".event",
    "what came back": ".delivery.is-failed",
    "an unproven sender": ".callout.is-danger",
    "an automatic answer": ".message-meta .chip",
    "a mail in a frame": "mail-frame",
    "a file": ".attachment",
    "an older topic": ".topic",
    "a day": ".day",
}
MENUS = (
    "#assign-menu",
    "#snooze-menu",
    "#more-menu",
    "#tags-menu",
    "#rename-menu",
    "#send-menu",
    "#emoji-menu",
    "#filter-menu",
    "#sort-menu",
    "#me-menu",
)


def _open(window, subject):
    window.goto("/queues/all/")
    (pk,) = window.desk.rows(
        "SELECT max(id) FROM inbox_conversation WHERE subject LIKE %s", f"{subject}%"
    )[0]
    window.goto(f"/conversations/{pk}/?queue=all")
    expect(window.page.locator("#timeline .message").last).to_be_visible()
    expect(window.page.locator("#customer h2")).to_have_count(1)


class TestAxeFindsNothing:
    def test_on_pages_for_everybody(self, visit, look):
        window = visit()

        for path in ("/account/sign-in/", "/account/reset/", "/demo/"):
            window.goto(path)
            look(window, path)
        window.goto("/account/sign-in/")
        window.page.get_by_label("Email").fill("nobody@larchwood.example")
        window.page.get_by_label("Password").fill("a wrong one")
        window.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(window.page.get_by_role("alert")).to_be_visible()
        look(window, "a refused sign-in")

    def test_on_every_queue(self, sign_in, look):
        window = sign_in("noor")

        for queue in QUEUES:
            window.goto(f"/queues/{queue}/")
            look(window, queue)
        window.goto("/queues/all/")
        for box in window.page.locator(".row-check input").all()[:2]:
            box.check(force=True)
        look(window, "a selection")

    def test_on_every_kind_of_item(self, sign_in, look):
        window = sign_in("noor")
        seen = set()

        for topic in TOPICS:
            _open(window, topic)
            seen |= {
                kind
                for kind, selector in KINDS.items()
                if window.page.locator(f"#timeline {selector}").count()
            }
            look(window, topic)

        assert seen == KINDS.keys()

    def test_on_what_opens_over_the_desk(self, sign_in, look):
        window = sign_in("sam")
        page = window.page
        _open(window, "Where is my order #1047?")

        for menu in MENUS:
            page.locator(menu).evaluate("menu => menu.showPopover()")
            expect(
                page.locator(f"{menu}:empty, {menu} .menu-choices:empty")
            ).to_have_count(0)
            look(window, menu, parts=[menu, f"[popovertarget={menu[1:]}]"])
            page.locator(menu).evaluate("menu => menu.hidePopover()")
        page.keyboard.press("r")
        page.locator(".recipients summary").click()
        look(window, "recipients")
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        look(window, "a note")
        page.keyboard.press("Escape")
        page.keyboard.press("Shift+?")
        look(window, "the keys")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        page.get_by_role("combobox").fill("maya")
        expect(page.locator("#palette-results [role=option]").first).to_be_visible()
        look(window, "the palette")

    def test_on_search_and_people(self, sign_in, look):
        window = sign_in("sam")
        (maya,) = window.desk.rows(
            "SELECT id FROM customers_customer WHERE name = %s", "Maya Rivera"
        )[0]

        for path in (
            "/search/",
            "/search/?q=order",
            "/search/?q=zzzzzz",
            "/customers/",
            f"/customers/{maya}/",
            f"/customers/{maya}/merge/",
            "/account/profile/",
        ):
            window.goto(path)
            look(window, path)

    def test_on_pages_for_leads_and_admins(self, sign_in, look):
        window = sign_in("priya")
        page = window.page

        for path in ("/account/invite/", "/channels/lab/", "/channels/books/"):
            window.goto(path)
            look(window, path)
        window.goto("/channels/unreadable/")
        expect(page.locator(".tray-item").first).to_be_visible()
        look(window, "the tray")
        source = page.get_by_role("link", name="View source").first
        window.goto(source.get_attribute("href"))
        look(window, "a source")
        _open(window, "Where is my order #1047?")
        headers = page.locator(".message .menu a").first.get_attribute("href")
        window.goto(headers)
        look(window, "headers")

    def test_on_the_administration(self, sign_in, look):
        window = sign_in("priya")

        for path in (
            "/admin/",
            "/admin/inbox/channel/",
            "/admin/inbox/channel/add/",
            "/admin/inbox/channel/add/?kind=email",
            "/admin/inbox/channel/add/?kind=webchat",
            "/admin/inbox/channel/1/change/",
            "/admin/inbox/channel/1/test/",
            "/admin/accounts/user/",
        ):
            assert window.goto(path).ok, path
            look(window, path)

    @pytest.mark.parametrize(
        ("path", "status"),
        [("/account/invite/", 403), ("/nowhere/", 404), ("/queues/all/?sort=up", 400)],
    )
    def test_on_refusals(self, sign_in, look, path, status):
        window = sign_in("noor")

        assert window.goto(path).status == status
        look(window, path)

    def test_on_a_phone(self, sign_in, look):
        window = sign_in("noor", viewport=PHONE)
        page = window.page

        window.goto("/queues/all/")
        look(window, "a list")
        page.get_by_role("button", name="Menu").click()
        look(window, "the navigation")
        _open(window, "Where is my order #1047?")
        look(window, "a conversation")
        page.get_by_role("button", name="Customer").click()
        look(window, "the customer")
