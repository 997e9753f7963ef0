"""People at their browsers."""

import re

import pytest
from playwright.sync_api import expect

IN_EACH_BROWSER = pytest.mark.parametrize(
    "browser", ["chromium", "firefox"], indirect=True
)
"""For journeys of visitors, who come with what they have."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A camera and a microphone that are always there, and allowed.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
FIREFOX_PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
}
PATIENCE = 30_000
WIDE = {"width": 1600, "height": 1000}
PHONE = {"width": 390, "height": 844}
NOISE = re.compile(r"WebSocket connection to|Failed to load resource")
"""What the browser itself says of a lost connection or a 404."""


class ChromiumMissing(Exception):
    """Journeys need a browser."""


class Visit:
    """One browser window of one person, and what went wrong in it."""

    def __init__(self, context, url, desk):
        self.context = context
        self.engine = context.browser.browser_type.name
        self.desk = desk
        self.url = url
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints = []
        self.requests = []
        self.dialogs = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", self._asked)
        context.on("request", lambda request: self.requests.append(request.url))

    def _heard(self, message):
        if message.type == "error" and not NOISE.search(message.text):
            self.complaints.append(message.text)

    def _asked(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.accept()

    def goto(self, path):
        return self.page.goto(f"{self.url}{path}")

    def sign_in(self, address, password):
        self.goto("/account/sign-in/")
        self.page.get_by_label("Email").fill(address)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.locator("#desk")).to_be_visible(timeout=PATIENCE)
        self.page.wait_for_load_state()
