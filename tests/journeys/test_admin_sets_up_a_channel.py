"""An admin adds a channel and tests it: every step of a real round trip is shown."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from helpdesk.rehearsal.installation import free_ports
from tests.journeys.letters import letter, somebody, subject_of


@pytest.fixture
def window(sign_in):
    return sign_in("priya")


def add_channel(window, *, address, port):
    page = window.page
    window.goto("/admin/inbox/channel/add/?kind=email")
    page.get_by_label("Name:", exact=True).fill("Spare parts")
    page.get_by_label("Address:", exact=True).fill(address)
    page.get_by_label("Brand:").select_option("Larchwood Outdoor")
    page.get_by_label("Mail comes in by:").select_option(
        "Our own mail server (SMTP or LMTP)"
    )
    expect(page.locator("[name=outgoing_host]")).to_be_hidden()
    page.get_by_label("Mail goes out by:").select_option("A mail server (SMTP)")
    page.locator("[name=outgoing_host]").fill("127.0.0.1")
    page.locator("[name=outgoing_port]").fill(str(port))
    page.locator("[name=outgoing_security]").select_option("none")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.get_by_role("row", name=re.compile(re.escape(address))).get_by_role(
        "link", name="Spare parts"
    ).click()


def try_out(page):
    page.get_by_role("link", name="Test this channel").click()
    page.get_by_role("button", name="Begin the test").click()


class TestAdminSetsUpAChannel:
    def test_that_works(self, desk, window, look):
        address = f"parts.{uuid4().hex[:6]}@larchwood.example"
        page = window.page

        add_channel(window, address=address, port=desk.smtp_port)
        try_out(page)

        expect(page.get_by_text("This channel works.")).to_be_visible(timeout=90_000)
        assert page.locator(".trial-step.is-ok").count() >= 3
        expect(page.locator(".trial-step.is-failed")).to_have_count(0)
        look(window, "the steps of a test")

        subject = subject_of("A new wick")
        desk.send(
            letter(sender=somebody(), to=address, subject=subject, text="In red?")
        )
        window.goto("/queues/all/")
        row = page.locator(".row", has_text=subject)
        row.get_by_role("link").click()
        expect(page.get_by_role("log")).to_contain_text("Spare parts")

    def test_whose_server_is_away(self, window):
        address = f"away.{uuid4().hex[:6]}@larchwood.example"
        page = window.page
        (nobody_listens,) = free_ports(1)

        add_channel(window, address=address, port=nobody_listens)
        try_out(page)

        expect(page.get_by_text("Something does not work yet.")).to_be_visible(
            timeout=90_000
        )
        failed = page.locator(".trial-step.is-failed").first
        expect(failed).to_contain_text("127.0.0.1")
        expect(failed.locator(".trial-advice")).not_to_be_empty()

    def test_is_for_admins_only(self, sign_in):
        window = sign_in("noor")

        window.goto("/admin/inbox/channel/")

        assert not urlsplit(window.page.url).path.startswith("/admin/inbox/channel/")
        expect(window.page.get_by_text("Select channel")).to_have_count(0)
