"""An admin gives the chat a logo; what is no picture is refused in plain words."""

import pytest
from playwright.sync_api import expect

from tests.journeys.shop import set_up_widgets
from tests.journeys.test_visitor_sends_more_than_words import photo

KEY = "dressed"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAINTED = "it => it.complete && it.naturalWidth === 64"
CHAT = "SELECT id FROM inbox_channel WHERE address = %s"


@pytest.fixture
def page(desk, sign_in):
    set_up_widgets(desk, {KEY: {"domains": ["shop.example"]}})
    window = sign_in("priya")
    window.goto(f"/admin/inbox/channel/{desk.rows(CHAT, KEY)[0][0]}/change/")
    return window.page


def save_with(page, logo):
    page.locator("[name=logo]").set_input_files([logo])
    page.get_by_role("button", name="Save and continue editing").click()


class TestTheLogo:
    def test_is_in_the_panel_once_it_is_saved(self, page, visit):
        save_with(page, photo())
        expect(page.get_by_text("was changed successfully")).to_be_visible()

        window = visit()
        window.goto(f"/chat/{KEY}/")
        logo = window.page.locator(".logo")
        expect(logo).to_be_visible()
        window.page.wait_for_function(PAINTED, arg=logo.element_handle())

    def test_is_all_that_is_complained_about_when_it_is_no_picture(self, page):
        save_with(page, {"name": "logo.png", "mimeType": "image/png", "buffer": SVG})

        complaints = page.locator(".errorlist:visible")
        expect(complaints).to_have_text(
            ["This is no picture of the kinds PNG, JPEG, GIF or WebP."]
        )
