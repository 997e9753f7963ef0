"""Somebody on a website, and somebody at the desk."""

import re
from uuid import uuid4

from playwright.sync_api import expect

SHOP = "/demo/shop/"


def words(text):
    """Return words that no other message of the run has."""
    return f"{text} {uuid4().hex[:8]}"


def type_in(field, text):
    """Press keys in the window in front: Firefox has the keyboard nowhere else."""
    field.page.bring_to_front()
    field.press_sequentially(text, delay=20)


class Shopper:
    """Somebody with a page of the shop before them."""

    def __init__(self, window, path=SHOP):
        self.window, self.page = window, window.page
        window.goto(path)

    @property
    def panel(self):
        return self.page.frame_locator("iframe")

    @property
    def launcher(self):
        return self.page.locator("button[aria-expanded]")

    @property
    def field(self):
        return self.panel.get_by_role("textbox", name="Write a message")

    def open(self):
        self.launcher.click()
        expect(self.panel.get_by_role("heading", level=1)).to_be_visible()

    def begin(self, text):
        self.open()
        self.panel.get_by_role("button", name=re.compile("Start a")).click()
        self.say(text)

    def say(self, text):
        self.field.fill(text)
        self.field.press("Enter")
        expect(self.bubble(text)).to_have_count(1)

    def types(self, text):
        type_in(self.field, text)

    def go_on(self):
        """Open the newest conversation from home."""
        self.open()
        card = self.panel.get_by_role("button").filter(has_text=re.compile("You|Noor"))
        card.first.click()
        expect(self.field).to_be_visible()

    def bubble(self, text):
        return self.panel.get_by_role("log").get_by_text(text)

    def sees(self, text):
        expect(self.bubble(text)).to_be_visible()


class Agent:
    """Noor at her desk."""

    def __init__(self, window):
        self.window, self.page = window, window.page

    @property
    def field(self):
        return self.page.get_by_role("textbox", name="Your answer")

    def opens(self, text):
        """Open the conversation whose newest line is `text`."""
        row = self.page.locator(".row", has_text=text)
        expect(row).to_be_visible()
        row.get_by_role("link").first.click()
        self.sees(text)

    def sees(self, text):
        expect(self.page.locator("#timeline").get_by_text(text)).to_be_visible()

    def types(self, text):
        type_in(self.field, text)

    def answers(self, text):
        self.field.fill(text)
        self.field.press("Enter")
        self.sees(text)
