"""An agent does the whole job with a thumb; on a tablet the customer is a drawer."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import PHONE
from tests.journeys.letters import address_of, letter, somebody, subject_of

THUMB = 44
"""Pixels that a thumb hits without looking."""
TABLET = {"width": 1180, "height": 900}


@pytest.fixture
def mail(desk):
    customer, subject = somebody(), subject_of("Gloves for small hands")
    desk.send(letter(sender=customer, subject=subject, text="Do you have size XS?"))
    return customer, subject


def fits(page):
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def is_for_thumbs(button):
    box = button.bounding_box()
    return min(box["width"], box["height"]) >= THUMB


class TestDeskOnAPhone:
    def test_the_whole_job_with_a_thumb(self, sign_in, mail, postbox):
        customer, subject = mail
        window = sign_in("noor", viewport=PHONE, has_touch=True, is_mobile=True)
        page = window.page

        menu = page.get_by_role("button", name="Menu")
        assert is_for_thumbs(menu)
        menu.tap()
        page.get_by_role("link", name=re.compile("^All open")).tap()
        expect(page.get_by_role("heading", name="All open")).to_be_visible()
        row = page.locator(".row", has_text=subject)
        expect(row).to_be_visible()
        assert fits(page)
        assert is_for_thumbs(row)

        row.get_by_role("link").tap()
        expect(page.get_by_role("heading", name=subject)).to_be_in_viewport()
        expect(page.locator("#list")).to_be_hidden()
        expect(page.get_by_text("Do you have size XS?").last).to_be_in_viewport()
        assert fits(page)

        page.get_by_role("button", name="Customer").tap()
        expect(page.locator("#customer")).to_contain_text(address_of(customer))
        page.keyboard.press("Escape")
        expect(page.locator("#customer")).to_be_hidden()

        page.get_by_role("textbox", name="Your answer").tap()
        page.keyboard.type("Yes, we do.")
        send = page.get_by_role("button", name=re.compile("^Send"), exact=False).first
        assert is_for_thumbs(page.locator("[data-send]"))
        expect(send).to_be_in_viewport()
        page.locator("[data-send]").tap()
        expect(page.locator(".message.is-out")).to_contain_text("Yes, we do.")

        page.get_by_role("button", name="More", exact=True).tap()
        page.get_by_role("button", name="Assign").tap()
        page.get_by_role("option", name="Sam Whitfield").tap()
        expect(page.locator("#timeline .event").last).to_contain_text("Sam")

        page.get_by_role("button", name="Close", exact=True).tap()
        expect(page.get_by_role("button", name="Reopen")).to_be_visible()
        page.get_by_role("link", name="Back to the list").tap()
        expect(page.locator("#list")).to_be_visible()
        expect(page.locator(".row", has_text=subject)).to_have_count(0)
        assert postbox.wait_for(address_of(customer))["Subject"] == f"Re: {subject}"

    def test_back_goes_from_the_conversation_to_the_list(self, sign_in, mail):
        _, subject = mail
        window = sign_in("noor", viewport=PHONE, has_touch=True, is_mobile=True)
        page = window.page
        window.goto("/queues/all/")
        row = page.locator(".row", has_text=subject)
        row.get_by_role("link").tap()
        expect(page.get_by_role("heading", name=subject)).to_be_in_viewport()

        page.go_back()

        expect(row).to_be_in_viewport()
        expect(page.get_by_role("heading", name=subject)).to_have_count(0)


class TestDeskOnATablet:
    def test_has_the_customer_in_a_drawer(self, sign_in, mail):
        _, subject = mail
        window = sign_in("noor", viewport=TABLET)
        page = window.page
        window.goto("/queues/all/")
        page.locator(".row", has_text=subject).get_by_role("link").click()
        expect(page.locator("#list")).to_be_visible()
        expect(page.get_by_role("log")).to_be_visible()
        assert fits(page)

        expect(page.locator("#customer")).to_be_hidden()
        page.get_by_role("button", name="Customer").click()
        expect(page.locator("#customer")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#customer")).to_be_hidden()
