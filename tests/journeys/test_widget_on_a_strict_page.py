"""A shop whose pages allow next to nothing puts the chat on them."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import IN_EACH_BROWSER, PHONE, WIDE
from tests.journeys.strict_shop import (
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

pytestmark = IN_EACH_BROWSER


def complained(window, text):
    # What has happened is told when something is asked.
    window.page.title()
    return any(text in it for it in window.complaints)


class TestOnAStrictPage:
    def test_the_chat_opens_and_breaks_no_policy(self, customer):
        window = customer()

        open_panel(window)

        box = window.page.locator("tributary-chat iframe").bounding_box()
        assert box["width"] > 300
        assert violations(window) == []

    def test_nothing_is_kept_before_something_is_written(self, customer):
        window = customer()
        open_panel(window)
        window.page.keyboard.press("Escape")

        assert window.context.cookies() == []
        assert window.page.evaluate(STORED) == NOTHING
        assert frame_of(window).evaluate(STORED) == NOTHING

    def test_the_panel_comes_only_when_it_is_asked_for(self, customer):
        window = customer()
        ours = [it for it in window.requests if window.desk.url in it]

        assert [it.rpartition("/")[2] for it in ours if "/visits/" not in it] == [
            "widget.js"
        ]
        expect(window.page.locator("tributary-chat iframe")).to_have_count(0)

    def test_the_keyboard_goes_in_and_comes_back(self, customer):
        window = customer()
        page, launcher = window.page, launcher_of(window)

        page.get_by_role("link", name="More").focus()
        page.keyboard.press("Tab")
        expect(launcher).to_be_focused()
        expect(launcher).to_have_attribute("aria-expanded", "false")
        expect(launcher).to_have_accessible_name("Open chat")
        page.keyboard.press("Enter")
        expect(launcher).to_have_attribute("aria-expanded", "true")
        frame_of(window).wait_for_function(
            "() => document.hasFocus() && document.activeElement !== document.body"
        )
        page.keyboard.press("Escape")

        expect(launcher).to_have_attribute("aria-expanded", "false")
        expect(launcher).to_be_focused()
        expect(page.locator("tributary-chat iframe")).to_be_hidden()

    def test_it_fills_a_phone_and_gives_it_back(self, customer):
        window = customer(viewport=PHONE)
        page = window.page

        open_panel(window)

        assert page.locator("tributary-chat .f").bounding_box() == {
            "x": 0,
            "y": 0,
            **PHONE,
        }
        expect(launcher_of(window)).to_be_hidden()
        state = "[document.documentElement.style.overflow, document.body.inert]"
        assert page.evaluate(state) == ["hidden", True]
        panel_of(window).get_by_role("button", name="Close").click()
        expect(launcher_of(window)).to_be_focused()
        assert page.evaluate(state) == ["", False]
        assert violations(window) == []

    def test_it_opens_where_the_browser_keeps_nothing(self, customer, shop):
        window = customer("/far", url=shop.far_url)

        open_panel(window)

        denied = "() => { try { return !localStorage } catch { return true } }"
        # Firefox gives the frame a store of its own for each site it stands on.
        assert frame_of(window).evaluate(denied) or window.engine == "firefox"
        assert violations(window) == []

    def test_no_panel_shows_where_the_desk_does_not_allow_it(self, customer, shop):
        window = customer(url=shop.far_url)

        launcher_of(window).click()

        assert eventually(lambda: complained(window, "frame-ancestors"))
        expect(window.page.locator("tributary-chat iframe")).to_be_visible()
        expect(panel_of(window).locator("#app")).to_have_count(0)
        window.complaints.clear()

    def test_axe_finds_nothing(self, customer, look):
        window = customer()
        if window.engine == "firefox":
            pytest.skip("axe asks frames of other origins, and Firefox complains")

        look(window, "the launcher")
        open_panel(window)
        look(window, "the panel", parts=["tributary-chat"])
        launcher_of(window).click()
        expect(window.page.locator("tributary-chat iframe")).to_be_hidden()

    def test_a_second_script_changes_nothing(self, customer):
        window = customer("/twice")

        expect(window.page.locator("tributary-chat")).to_have_count(1)
        open_panel(window)

    def test_it_stands_at_the_end_of_the_line(self, customer):
        left, right = customer("/rtl"), customer()

        assert launcher_of(left).bounding_box()["x"] == 20
        box = launcher_of(right).bounding_box()
        assert box["x"] + box["width"] > WIDE["width"] - 40

    def test_it_is_not_printed(self, customer):
        window = customer()
        if window.engine == "firefox":
            pytest.skip("WebDriver BiDi has no word for print yet")

        window.page.emulate_media(media="print")

        expect(launcher_of(window)).to_be_hidden()


class TestStrangers:
    def test_cannot_speak_for_the_panel(self, customer):
        window = customer()
        open_panel(window)

        window.page.evaluate(
            """() => { for (const type of ['wrote', 'close', 'unread', 'ready'])
              postMessage({tributary: 1, type, count: 7}, '*'); }"""
        )
        window.page.evaluate("() => new Promise(requestAnimationFrame)")

        expect(launcher_of(window)).to_have_attribute("aria-expanded", "true")
        expect(window.page.locator("tributary-chat span")).to_be_hidden()
        assert window.page.evaluate("localStorage.length") == 0

    def test_cannot_reach_what_every_object_has(self, customer):
        window = customer("/?__proto__[x]=1&a[__proto__][x]=1")
        open_panel(window)

        window.page.evaluate(
            """() => { tributary.set(JSON.parse('{"__proto__": {"x": 1}, "a": 1}'));
            const post = (it) => document.querySelector('tributary-chat').shadowRoot
              .querySelector('iframe').contentWindow.postMessage(it, '*');
            for (const type of ['__proto__', 'constructor', 'toString', 5, null])
              post({tributary: 1, type});
            post({tributary: 1, type: 'set', attributes: JSON.parse(
              '{"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}}')}); }"""
        )
        heard(window, "set")

        assert window.page.evaluate("({}).x") is None
        assert frame_of(window).evaluate("({}).x") is None
