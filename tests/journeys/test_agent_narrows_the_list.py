"""An agent narrows the list, keeps it as a view, and lets go of it; all by keyboard."""

import re

from playwright.sync_api import expect

from tests.journeys.letters import subject_of


class TestAgentNarrowsTheList:
    def test_by_a_tag_and_keeps_it_as_a_view(self, sign_in, look):
        window = sign_in("sam")
        page, name = window.page, subject_of("Parcels")
        window.goto("/queues/all/")
        rows = page.locator(".row")
        expect(page.locator("#list-count")).not_to_be_empty()
        menu, view = page.locator("#filter-menu"), page.get_by_role("link", name=name)

        page.keyboard.press("f")
        expect(menu.get_by_label("Unread only")).to_be_focused()
        look(window, "the filter", parts=["#filter-menu"])
        page.keyboard.press("Tab")
        expect(menu.get_by_label("Tag")).to_be_focused()
        page.keyboard.type("Delivery")
        menu.get_by_role("button", name="Show", exact=True).press("Enter")

        expect(page).to_have_url(re.compile(r"\?tag=\d+$"))
        expect(page.get_by_role("button", name="Filter, in use")).to_be_visible()
        expect(page.locator("#list-count")).to_be_empty()
        assert rows.count() == rows.filter(has_text="Delivery").count() > 0

        page.keyboard.press("f")
        look(window, "the filter of a narrowed list", parts=["#filter-menu"])
        field = menu.get_by_label("Keep this list as a view")
        field.fill(name)
        field.press("Enter")

        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(view).to_have_attribute("aria-current", "page")
        expect(page.locator("#list-count")).to_have_text(str(rows.count()))

        page.keyboard.press("f")
        expect(menu).to_contain_text(f"This is your view “{name}”.")
        menu.get_by_role("button", name="Remove this view").press("Enter")

        expect(page.get_by_role("heading", level=1, name="My inbox")).to_be_visible()
        expect(view).to_have_count(0)
