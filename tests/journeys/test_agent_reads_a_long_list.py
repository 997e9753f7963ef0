"""More waits than fits on the screen."""

from playwright.sync_api import expect


class TestAgentReadsALongList:
    def test_and_turns_the_wheel(self, sign_in):
        window = sign_in("noor")
        page = window.page
        window.goto("/queues/closed/")
        rows = page.locator(".row")
        # However many are closed by now: the one that is the last of them.
        last = page.locator(f"#{rows.last.get_attribute('id')}")
        expect(last).not_to_be_in_viewport()

        rows.nth(3).hover()
        page.mouse.wheel(0, 5_000)

        expect(last).to_be_in_viewport()
        expect(page.locator("#list h1")).to_be_in_viewport()

    def test_and_opens_what_is_far_down(self, sign_in):
        window = sign_in("noor")
        page = window.page
        window.goto("/queues/closed/")
        link = page.locator(".row").nth(18).locator(".row-link")
        address = link.get_attribute("href")

        window.goto(address)

        expect(page.locator(".row-link[aria-current]")).to_be_in_viewport()
        expect(page.get_by_role("textbox", name="Your answer")).to_be_in_viewport()
        assert page.evaluate("document.scrollingElement.scrollTop") == 0
        assert page.evaluate("document.getElementById('desk').scrollTop") == 0
