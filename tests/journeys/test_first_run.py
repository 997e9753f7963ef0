"""Somebody sets up an empty desk, once, and the first mail arrives."""

from playwright.sync_api import expect

from tests.journeys.letters import letter, somebody, subject_of

PASSWORD = "seventeen green kettles"


class TestFirstRun:
    def test_makes_a_desk_and_closes_for_ever(self, empty_desk, visit, look):
        window = visit(url=empty_desk.url)
        page = window.page

        window.goto("/")
        expect(page.get_by_role("heading", name="Set up your desk")).to_be_visible()
        look(window, "the first page")
        page.get_by_label("Name customers know you by").fill("Kettle & Sons")
        page.get_by_label("Address customers write to").fill("hello@kettle.example")
        page.get_by_label("Your name").fill("Kit Kettle")
        page.get_by_label("Your own email").fill("kit@kettle.example")
        page.get_by_label("Password").fill("kettle")
        page.get_by_role("button", name="Open the desk").click()
        expect(page.get_by_text("This password is too short")).to_be_visible()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Open the desk").click()

        expect(page.get_by_role("heading", name="All open")).to_be_visible()
        expect(page.get_by_text("Nobody is waiting")).to_be_visible()

        subject = subject_of("The first of many")
        empty_desk.send(
            letter(
                sender=somebody(),
                to="hello@kettle.example",
                subject=subject,
                text="Do you mend kettles?",
            )
        )
        page.locator(".row", has_text=subject).get_by_role("link").click()
        expect(page.get_by_role("log")).to_contain_text("Do you mend kettles?")

        stranger = visit(url=empty_desk.url)
        assert stranger.goto("/setup/").status == 404
        assert window.goto("/setup/").status == 404
        stranger.goto("/")
        stranger.sign_in("kit@kettle.example", PASSWORD)
