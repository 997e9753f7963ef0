"""The chat hears what the page says, where the visitor goes, and when to invite."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.strict_shop import (
    INVITATION,
    NOTHING,
    STORED,
    frame_of,
    heard,
    launcher_of,
    open_panel,
    panel_of,
    violations,
)
from tests.waiting import eventually

HEAR_FROM_CHAT = """() => {
  window.told = [];
  for (const name of ['identify-failed', 'forgotten'])
    tributary.on(name, (detail) => told.push([name, detail ?? null]));
}"""
MINDS = "Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'});"
LEAVE = "dispatchEvent(new PageTransitionEvent('pagehide'))"


class TestThePage:
    def test_says_what_it_wants_before_the_script_is_there(self, customer):
        window = customer(
            "/early",
            before="""window.opened = [];
            window.tributary ||= [["set", {plan: "pro"}], ["open"],
              ["on", "ready", () => opened.push(1)]];""",
        )

        assert heard(window, "hello")["attributes"] == {"plan": "pro"}
        window.page.wait_for_function("() => opened.length === 1")
        expect(launcher_of(window)).to_have_attribute("aria-expanded", "true")

    def test_tells_the_panel_where_the_visitor_goes(self, customer):
        window = customer()
        open_panel(window)

        window.page.evaluate(
            """() => { document.title = "Stoves";
            history.pushState({}, "", "/stoves?a=1"); }"""
        )

        told = heard(window, "page")
        assert told["title"] == "Stoves"
        assert told["url"].endswith("/stoves?a=1")

    def test_hides_the_launcher_and_still_opens(self, customer):
        window = customer()

        window.page.evaluate("tributary.hide()")
        expect(launcher_of(window)).to_be_hidden()
        window.page.evaluate("tributary.open()")
        expect(panel_of(window).get_by_role("heading").first).to_be_visible()
        window.page.evaluate("() => { tributary.close(); tributary.show(); }")

        expect(launcher_of(window)).to_be_visible()

    def test_chooses_the_language(self, customer):
        window = customer()

        window.page.evaluate("tributary.language('ar')")

        stage = window.page.locator("tributary-chat > div, tributary-chat div").first
        expect(stage).to_have_attribute("lang", "ar")
        launcher_of(window).click()
        frame_of(window).wait_for_function(
            "() => document.documentElement.dir === 'rtl'"
        )

    def test_hears_of_what_happens(self, customer):
        window = customer()
        window.page.evaluate(
            """() => { window.happened = [];
            for (const name of ['open', 'close', 'ready'])
              tributary.on(name, () => happened.push(name)); }"""
        )

        open_panel(window)
        window.page.wait_for_function("() => happened.includes('ready')")
        window.page.keyboard.press("Escape")
        window.page.wait_for_function("() => happened.includes('close')")

        assert window.page.evaluate("happened") == ["open", "ready", "close"]

    @pytest.mark.parametrize(
        ("proof", "code"),
        [
            ("'nobody.signed.this'", "identity_invalid"),
            ("{user_id: '7'}", "identity_missing"),
            ("''", "identity_missing"),
        ],
    )
    def test_hears_that_an_identity_was_refused(self, customer, shop, proof, code):
        window = customer("/far", url=shop.far_url)
        window.page.evaluate(HEAR_FROM_CHAT)

        window.page.evaluate(f"tributary.identify({proof})")

        window.page.wait_for_function("() => told.length === 1")
        assert window.page.evaluate("told") == [["identify-failed", {"code": code}]]
        assert all("identify was refused" in it for it in window.complaints)
        window.complaints.clear()

    def test_hears_that_the_visitor_is_forgotten(self, customer, shop):
        window = customer("/far", url=shop.far_url)
        window.page.evaluate(HEAR_FROM_CHAT)

        window.page.evaluate("tributary.forget()")
        window.page.wait_for_function("() => told.length === 1")
        open_panel(window)
        window.page.evaluate("tributary.forget()")
        window.page.wait_for_function("() => told.length === 2")

        assert window.page.evaluate("told") == [["forgotten", None]] * 2
        assert window.page.evaluate(STORED) == NOTHING


class TestVisits:
    def test_are_reported_with_the_page(self, customer):
        window = customer()

        with window.page.expect_request("**/visits/") as found:
            window.page.evaluate("history.pushState({}, '', '/next#access_token=no')")

        sent = found.value.post_data_json
        assert sent["url"].endswith("/next")
        assert sent["title"] == "Tents"
        assert found.value.headers.get("cookie") is None

    def test_are_not_reported_if_the_visitor_minds(self, customer):
        window = customer(before=MINDS)

        assert [it for it in window.requests if "/visits/" in it] == []

    def test_do_not_come_with_a_message_of_whoever_minds(self, customer):
        window = customer(before=MINDS)
        open_panel(window)
        panel = panel_of(window)
        panel.get_by_role("button", name=re.compile("Start a")).click()

        with window.page.expect_request("**/chat/messages/") as found:
            field = panel.get_by_role("textbox", name="Write a message")
            field.fill("Is it blue?")
            field.press("Enter")

        assert "page" not in found.value.post_data_json

    def test_end_with_the_page(self, customer, sign_in, desk):
        agent, window = sign_in("noor"), customer("/?leaves")

        def is_seen_at(path):
            guests = agent.page.request.get(f"{desk.url}/visitors/").text()
            return f'title="{window.url}{path}"' in guests

        window.page.evaluate("history.pushState({}, '', '/leaving')")
        assert eventually(lambda: is_seen_at("/leaving"))
        window.goto("/twice")

        assert eventually(lambda: is_seen_at("/twice"))
        assert eventually(lambda: not is_seen_at("/leaving"))
        assert window.page.evaluate(STORED) == NOTHING

    def test_begin_anew_with_a_page_that_comes_back(self, customer):
        window = customer()
        with window.page.expect_request("**/visits/") as first:
            window.page.evaluate("history.pushState({}, '', '/next')")

        with (
            window.page.expect_request("**/visits/") as second,
            window.page.expect_request("**/visits/*/end/") as end,
        ):
            window.page.evaluate(LEAVE)

        names = [it.value.post_data_json["visit"] for it in (first, second)]
        assert names[0] != names[1]
        assert end.value.url.endswith(f"/visits/{names[0]}/end/")
        assert (end.value.method, end.value.post_data) == ("POST", None)
        assert end.value.headers.get("cookie") is None


class TestInvitation:
    def test_shows_as_text_where_it_is_due_and_can_be_sent_away(self, customer):
        window = customer("/basket")
        said = window.page.locator("tributary-chat [role=status]")
        expect(said).to_be_hidden()

        window.page.evaluate("tributary.set({basket: 3})")
        expect(said).to_contain_text(INVITATION["text"])
        said.get_by_role("button", name="Dismiss").click()

        expect(said).to_be_hidden()
        expect(launcher_of(window)).to_be_focused()
        assert window.page.evaluate("localStorage.length") == 0
        assert violations(window) == []

    def test_opens_the_panel_with_it(self, customer, look):
        window = customer(
            "/basket", before="window.tributary ||= [['set', {basket: '3'}]];"
        )
        said = window.page.locator("tributary-chat [role=status]")
        expect(said).to_be_visible()
        look(window, "an invitation")

        said.get_by_role("button").first.click()

        assert heard(window, "invite")["key"] == "hesitates"
        expect(launcher_of(window)).to_have_attribute("aria-expanded", "true")
        expect(said).to_be_hidden()
