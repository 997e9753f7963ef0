"""The whole job without a mouse, and the focus is always where the eye expects it."""

import contextlib
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.letters import address_of, letter, somebody, subject_of

IS_SEEN = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return "nothing has the focus";
  const box = it.getBoundingClientRect();
  if (!box.width || !box.height) return `${it.outerHTML.slice(0, 80)} has no size`;
  const rings = [
    [it, ""], [it, "::after"], [it.closest("reply-composer"), ""],
    [it.closest("label"), ""],
  ];
  const isRing = ([place, part]) => {
    if (!place) return false;
    const style = getComputedStyle(place, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
      || style.boxShadow !== "none" || place.matches("reply-composer, [role=combobox]");
  };
  return rings.some(isRing) ? "" : `${it.outerHTML.slice(0, 120)} shows no focus`;
}"""
"""Says what is wrong with the place of the focus, if anything is."""


MENUS = {"a": "#assign-menu", "t": "#tags-menu", "s": "#snooze-menu"}


@pytest.fixture
def keyboard(sign_in):
    return Keyboard(sign_in("noor"))


class Keyboard:
    """Presses keys, and looks whether the focus can be seen after each."""

    def __init__(self, window):
        self.window = window
        self.page = window.page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        assert self.page.evaluate(IS_SEEN) == ""

    def go(self, *keys):
        """Press keys that lead to another page, where nothing has the focus yet."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def open(self, subject):
        """Open a conversation that nobody has taken yet."""
        self.go("g", "u")
        row = self.page.locator(".row", has_text=subject)
        expect(row).to_be_visible()
        row.get_by_role("link").focus()
        self.press("o")
        expect(self.page.get_by_role("heading", name=subject)).to_be_visible()

    @contextlib.contextmanager
    def waiting_for(self, address):
        """Let an answer wait until the keys inside are pressed."""
        held = []
        self.page.route(address, lambda route: held.append(route))
        yield
        while not held:
            self.page.evaluate("null")
        held[0].continue_()
        self.page.unroute(address)


class TestAgentWorksByKeyboardOnly:
    def test_from_the_list_to_a_closed_conversation(self, desk, keyboard, postbox):
        customer, subject = somebody(), subject_of("Crampons for wide boots")
        page = keyboard.page
        editor = page.get_by_role("textbox", name="Your answer")
        row = page.locator(".row", has_text=subject)
        log = page.get_by_role("log")

        keyboard.go("g", "u")
        expect(page.get_by_role("heading", name="Unassigned")).to_be_visible()
        desk.send(letter(sender=customer, subject=subject, text="Which ones fit?"))
        expect(row).to_be_visible()

        keyboard.press("j")
        keyboard.press("j")
        keyboard.press("k")
        expect(page.locator(".row").first.get_by_role("link")).to_be_focused()
        while not row.get_by_role("link").evaluate(
            "it => it === document.activeElement"
        ):
            keyboard.press("j")
        keyboard.press("Enter")
        expect(page.get_by_role("heading", name=subject)).to_be_visible()

        keyboard.press("i")
        expect(log.locator(".event").last).to_contain_text("Noor")

        keyboard.press("n")
        expect(page.get_by_role("radio", name="Note")).to_be_checked()
        keyboard.type("@Sam")
        expect(page.get_by_role("option", name="Sam Whitfield")).to_be_visible()
        keyboard.press("Enter")
        keyboard.type("which ones do we have?")
        keyboard.press("Control+Enter")
        expect(log.locator(".is-note")).to_contain_text("@Sam Whitfield")

        keyboard.press("Escape")
        expect(log).to_be_focused()
        keyboard.press("r")
        expect(editor).to_be_focused()
        keyboard.type("The Aiguille fits wide boots.")
        keyboard.press("Control+Enter")
        sent = log.locator(".message.is-out:not(.is-note)")
        expect(sent).to_contain_text("The Aiguille")
        keyboard.press("Control+z")
        expect(sent).to_have_count(0)
        expect(editor).to_have_text("The Aiguille fits wide boots.")
        expect(editor).to_be_focused()
        keyboard.press("Control+Enter")
        expect(sent.locator(".delivery")).to_contain_text(re.compile("Sent|Delivered"))
        assert postbox.wait_for(address_of(customer))["Subject"] == f"Re: {subject}"

        keyboard.press("Escape")
        keyboard.press("e")
        expect(page.get_by_role("button", name="Reopen")).to_be_visible()
        expect(row).to_have_count(0)

    def test_every_menu_opens_and_closes(self, desk, keyboard):
        subject, tag = subject_of("Poles of carbon"), subject_of("Carbon")
        desk.send(letter(sender=somebody(), subject=subject, text="In 120 cm?"))
        page = keyboard.page
        keyboard.open(subject)

        keyboard.press("a")
        expect(page.locator("#assign-menu [data-filter]")).to_be_focused()
        keyboard.type("sam")
        keyboard.press("ArrowDown")
        expect(page.get_by_role("option", name="Sam Whitfield")).to_be_focused()
        expect(page.get_by_role("option", name="Priya Raman")).to_be_hidden()
        keyboard.press("Enter")
        expect(page.locator("#assign-button")).to_contain_text("Sam")

        keyboard.press("t")
        expect(page.locator("#tags-menu input[name=new]")).to_be_focused()
        keyboard.type(tag)
        keyboard.press("Enter")
        expect(page.locator(".conversation-title")).to_contain_text(tag)

        keyboard.press("s")
        expect(page.locator("#snooze-menu button").first).to_be_focused()
        keyboard.press("Escape")
        expect(page.locator("#snooze-menu")).to_be_hidden()
        keyboard.press("z")
        keyboard.press("ArrowDown")
        keyboard.press("Enter")
        expect(page.locator("#timeline .event").last).to_contain_text(
            re.compile("snoozed", re.IGNORECASE)
        )

        keyboard.press("Shift+?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()

    def test_fingers_are_quicker_than_the_choices(self, desk, keyboard):
        subject, tag = subject_of("Laces in a hurry"), subject_of("Delivery")
        desk.send(letter(sender=somebody(), subject=subject, text="Today?"))
        keyboard.open(subject)
        assignee = keyboard.page.locator("#assign-button")
        title = keyboard.page.locator(".conversation-title p")

        with keyboard.waiting_for("**/assignees/"):
            keyboard.press("a", *"luc", "Enter")
        expect(assignee).to_contain_text("Lucía")
        with keyboard.waiting_for("**/tag-choices/"):
            keyboard.press("t", *"deliv", "Enter")
        expect(title).to_contain_text("· Delivery ·")

        keyboard.press("t", *tag, "Enter")
        expect(title).to_contain_text(f"· {tag} ·")
        keyboard.press("t", *"delivery", "Enter")
        expect(title).not_to_contain_text("· Delivery ·")
        expect(title).to_contain_text(f"· {tag} ·")
        keyboard.press("i")
        expect(assignee).to_contain_text("Noor")

    def test_a_tag_stays_though_the_choices_come_late_again(self, desk, keyboard):
        subject, tag = subject_of("Laces at once"), subject_of("Delivery")
        desk.send(letter(sender=somebody(), subject=subject, text="Now?"))
        keyboard.open(subject)
        title = keyboard.page.locator(".conversation-title p")
        keyboard.press("t", *"deliv", "Enter")
        expect(title).to_contain_text("· Delivery ·")
        keyboard.press("t", *tag, "Enter")
        expect(title).to_contain_text(f"· {tag} ·")

        with keyboard.waiting_for("**/tag-choices/"):
            keyboard.press("t", *"delivery", "Enter")

        expect(title).not_to_contain_text("· Delivery ·")
        expect(title).to_contain_text(f"· {tag} ·")

    def test_tags_saved_one_after_another_all_count(self, desk, keyboard):
        subject = subject_of("Laces, in three ways")
        tags = [subject_of(word) for word in ("Red", "Round", "Waxed")]
        desk.send(letter(sender=somebody(), subject=subject, text="All three?"))
        keyboard.open(subject)
        page = keyboard.page
        save = page.locator("#tags-menu").get_by_role("button", name="Save tags")

        with keyboard.waiting_for("**/tags/"):
            for tag in tags:
                keyboard.press("t")
                keyboard.type(tag)
                save.click()

        for tag in tags:
            expect(page.locator(".conversation-title p")).to_contain_text(f"· {tag} ·")

    def test_an_open_menu_stays_whatever_else_happens(self, desk, keyboard):
        customer, subject = somebody(), subject_of("A stove that hisses")
        desk.send(letter(sender=customer, subject=subject, text="Is that bad?"))
        page = keyboard.page
        keyboard.open(subject)

        for key, menu in MENUS.items():
            keyboard.press(key)
            choice = page.locator(f"{menu} .menu-item :is(input), {menu} button").nth(1)
            expect(choice).to_be_visible()
            while not choice.evaluate("it => it === document.activeElement"):
                keyboard.press("ArrowDown")
            place = page.locator(menu).bounding_box()
            news = subject_of("It hisses still.")
            desk.send(letter(sender=customer, subject=subject, text=news))
            expect(page.get_by_role("log")).to_contain_text(news)

            expect(choice).to_be_focused()
            assert page.locator(menu).bounding_box() == place
            keyboard.press("Escape")
            expect(page.locator(menu)).to_be_hidden()

    def test_a_menu_gives_the_focus_back_where_it_was(self, desk, keyboard):
        subject = subject_of("Insoles for the left foot")
        desk.send(letter(sender=somebody(), subject=subject, text="Only the left?"))
        page = keyboard.page
        keyboard.open(subject)
        editor = page.get_by_role("textbox", name="Your answer")

        keyboard.press("r")
        expect(editor).to_be_focused()
        keyboard.press("Escape")
        expect(page.get_by_role("log")).to_be_focused()
        for key, menu in MENUS.items():
            keyboard.press(key)
            expect(page.locator(menu)).to_be_visible()
            keyboard.press("Escape")
            expect(page.locator(menu)).to_be_hidden()
            expect(page.get_by_role("log")).to_be_focused()

    def test_m_leads_to_the_merge_of_the_person(self, desk, keyboard):
        subject = subject_of("Two addresses, one person")
        desk.send(letter(sender=somebody(), subject=subject, text="It is me again."))
        keyboard.open(subject)

        keyboard.go("m")

        expect(keyboard.page).to_have_url(re.compile(r"/customers/\d+/merge/$"))
        expect(keyboard.page.get_by_role("searchbox").last).to_be_focused()

    def test_rows_are_chosen_and_marked(self, desk, keyboard):
        subject = subject_of("Straps, two of them")
        desk.send(letter(sender=somebody(), subject=subject, text="How long?"))
        page = keyboard.page
        row = page.locator(".row", has_text=subject)
        keyboard.go("g", "u")
        expect(row).to_have_class(re.compile("is-unread"))
        row.get_by_role("link").focus()

        keyboard.press("x")
        expect(page.get_by_text("1 selected")).to_be_visible()
        keyboard.press("j", "Shift+X")
        expect(page.get_by_text("2 selected")).to_be_visible()
        keyboard.press("x", "k", "x")
        expect(page.locator("#bulk")).to_be_hidden()

        keyboard.press("Enter")
        expect(page.get_by_role("heading", name=subject)).to_be_visible()
        expect(row).not_to_have_class(re.compile("is-unread"))
        keyboard.press("u")
        expect(row).to_have_class(re.compile("is-unread"))

    def test_the_palette_reaches_everything(self, keyboard):
        page = keyboard.page
        keyboard.go("Control+k")
        palette = page.get_by_role("combobox", name="Search or jump to")
        expect(palette).to_be_focused()
        keyboard.type("order 1047")
        found = page.locator("#palette-results [role=option]").first
        expect(found).to_contain_text("Maya Rivera")
        keyboard.press("ArrowDown")
        while found.get_attribute("aria-selected") != "true":
            keyboard.press("ArrowDown")
        keyboard.go("Enter")

        expect(
            page.get_by_role("heading", name="Where is my order #1047?")
        ).to_be_visible()
        keyboard.press("[")
        expect(page.locator(".topic").last).to_be_focused()
        keyboard.go("g", "c")
        expect(page.get_by_role("heading", name="Customers")).to_be_visible()
        keyboard.go("g", "w")
        expect(page.get_by_role("heading", name="Waiting on customer")).to_be_visible()
        keyboard.go("g", "s")
        expect(page.get_by_role("heading", name="Snoozed")).to_be_visible()
        keyboard.go("g", "m")
        expect(page.get_by_role("heading", name="Mentions")).to_be_visible()
        keyboard.go("g", "i")
        expect(page.get_by_role("heading", name="My inbox")).to_be_visible()
