"""A visitor writes by chat: by pointer, by keyboard, offline, by screen reader."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.people import words
from tests.journeys.shop import set_up_widgets
from tests.waiting import eventually

PANEL = {"width": 376, "height": 640}
PLAIN, FORM, AWAY = "panel-plain", "panel-form", "panel-away"
HOST = {"domains": ["shop.example"]}
FIELDS = [
    {"name": "name", "label": "Your name", "type": "text", "is_required": True},
    {"name": "email", "label": "Your email", "type": "mail", "is_required": True},
    {"name": "order", "label": "Order number", "type": "number"},
    {"name": "about", "label": "About", "type": "list", "options": ["An order"]},
    {"name": "terms", "label": "Keep it", "type": "checkbox", "is_required": True},
]
STORED = "() => [Object.keys(localStorage), document.cookie]"
HAND_OVER = """(element, [kind, name, size]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(size)], name, { type: "text/plain" }));
  const given = { bubbles: true, cancelable: true };
  element.dispatchEvent(kind === "paste"
    ? new ClipboardEvent("paste", { ...given, clipboardData: files })
    : new DragEvent(kind, { ...given, dataTransfer: files }));
}"""
WRITE = """async (count) => {
  const { token } = JSON.parse(localStorage["tributary:panel-plain"]);
  const type = "application/json";
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": type };
  for (let number = 0; number < count; number++) {
    const [client_id, topic] = [crypto.randomUUID(), crypto.randomUUID()];
    const body = JSON.stringify({ client_id, topic, text: `Question ${number}` });
    await fetch("/api/v1/chat/messages/", { method: "POST", headers, body });
  }
}"""
READ = """async () => {
  const { token } = JSON.parse(localStorage["tributary:panel-plain"]);
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch("/api/v1/chat/news/", { headers });
  return (await answer.json()).conversations.length;
}"""
HEAR = """log => {
  window.announced = [];
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes)
        if (node.matches?.(".m") && log.getAttribute("aria-live") === "polite")
          announced.push(node.innerText);
  }).observe(log, { childList: true });
}"""


@pytest.fixture(scope="module", autouse=True)
def widgets(desk):
    set_up_widgets(
        desk,
        {
            PLAIN: HOST,
            FORM: {**HOST, "form_for": "visitors", "form_fields": FIELDS},
            AWAY: {**HOST, "hours": {"days": {"wed": [["03:00", "03:01"]]}}},
        },
    )


@pytest.fixture
def visitor(visit):
    def open_panel(key=PLAIN, *, query="", **options):
        window = visit(viewport=PANEL, **options)
        window.goto(f"/chat/{key}/{query}")
        expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        return window

    return open_panel


def _start(window):
    window.page.locator(".go").click()
    return window.page.locator(".co textarea")


def _write(window, text):
    box = window.page.locator(".co textarea")
    box.fill(text)
    box.press("Enter")
    return window.page.locator(".m.me", has_text=text)


def _arrived(window, text):
    """Return the conversation once the desk has what was written."""
    expect(window.page.locator(".s", has_text="Sent").last).to_be_visible()
    sql = """
        SELECT conversation_id FROM inbox_timelineitem WHERE text = %s ORDER BY id DESC
    """
    for _ in range(100):
        found = window.desk.rows(sql, text)
        if found:
            return found[0][0]
        window.page.wait_for_timeout(100)
    raise AssertionError(f"{text} never arrived")


def _copies(window, text):
    sql = "SELECT count(*) FROM inbox_timelineitem WHERE text = %s"
    return window.desk.rows(sql, text)[0][0]


def _answer(agent, conversation, text):
    agent.goto(f"/conversations/{conversation}/?queue=all")
    expect(agent.page.locator("#timeline .message").last).to_be_visible()
    agent.page.keyboard.press("r")
    agent.page.keyboard.type(text)
    agent.page.keyboard.press("Control+Enter")


class TestVisitorUsesThePanel:
    def test_writes_and_finds_the_conversation_again(self, visitor, sign_in):
        window = visitor()
        page = window.page
        assert page.evaluate(STORED) == [[], ""]

        _start(window)
        assert page.evaluate(STORED) == [[], ""]
        question = f"{words('Is')} <b>the tent</b> big enough?"
        _write(window, question)
        conversation = _arrived(window, question)
        expect(page.locator(".m.me")).to_have_text(re.compile(r"<b>the tent</b>"))
        page.locator(".log").evaluate(HEAR)
        _answer(sign_in("noor"), conversation, "Yes, for two and a dog.")
        answer = page.locator(".m:not(.me)", has_text="Yes, for two and a dog.")
        expect(answer).to_be_visible()

        assert len(page.evaluate("announced")) == 1
        expect(page.locator(".s", has_text="Seen")).to_have_count(1)
        page.reload()
        row = page.locator(".conversation")
        expect(row).to_contain_text("Yes, for two and a dog.")
        row.click()
        expect(answer).to_be_visible()
        expect(page.locator(".m")).to_have_count(2)

    def test_fetches_nothing_for_a_line_of_their_own(self, visitor):
        window = visitor()
        _start(window)
        _write(window, "Is it blue?")
        expect(window.page.locator(".s", has_text="Sent")).to_be_visible()
        window.page.wait_for_timeout(1000)
        asked = []
        window.page.on("request", lambda it: asked.append(f"{it.method} {it.url}"))

        _write(window, "And is it red?")
        expect(window.page.locator(".s", has_text="Sent")).to_have_count(1)
        window.page.wait_for_timeout(1500)

        paths = [it for it in asked if "/api/" in it]
        assert len(paths) == 1, "\n".join(paths)
        assert _copies(window, "And is it red?") == 1

    def test_by_keyboard_only(self, visitor):
        window = visitor()
        page = window.page

        page.get_by_role("button", name="Start a conversation").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".co textarea")).to_be_focused()
        page.keyboard.type("First line")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("second line")
        page.keyboard.press("Enter")
        expect(page.locator(".m.me")).to_have_text(
            re.compile("First line\nsecond line")
        )
        expect(page.locator(".s", has_text="Sent")).to_be_visible()
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("button", name="Emoji")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".emoji button").first).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Emoji")).to_be_focused()
        expect(page.locator(".co textarea")).not_to_have_value("")
        page.get_by_role("button", name="More").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("menuitem").first).to_be_focused()
        page.keyboard.press("End")
        expect(page.get_by_role("menuitem", name="Delete my data")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="More")).to_be_focused()

    def test_finds_the_oldest_of_many_conversations(self, visitor, look):
        window = visitor()
        page = window.page
        _start(window)
        _write(window, "The very first question")
        _arrived(window, "The very first question")
        page.evaluate(WRITE, 22)
        assert eventually(lambda: page.evaluate(READ) == 23)
        page.reload()
        rows = page.locator(".conversation")

        page.get_by_role("button", name="Show all").press("Enter")
        expect(rows).to_have_count(20)
        expect(rows.nth(3)).to_be_focused()
        page.get_by_role("button", name="Show earlier conversations").press("Enter")

        expect(rows).to_have_count(23)
        expect(rows.nth(20)).to_be_focused()
        expect(rows.last).to_contain_text("The very first question")
        expect(page.get_by_role("button", name="Show earlier")).to_have_count(0)
        look(window, "all conversations")
        rows.last.click()
        expect(page.locator(".m.me")).to_contain_text("The very first question")

    def test_takes_files_by_drop_and_paste(self, visitor):
        window = visitor()
        box = _start(window)

        box.evaluate(HAND_OVER, ["drop", "dropped.txt", 20])
        box.evaluate(HAND_OVER, ["paste", "pasted.txt", 20])
        expect(window.page.locator(".chip")).to_have_count(2)
        box.evaluate(HAND_OVER, ["drop", "film.txt", 11 * 1024 * 1024])
        expect(window.page.get_by_role("alert").first).to_have_text(
            "film.txt is too large. A file may have 10 MB at most."
        )
        box.evaluate(HAND_OVER, ["drop", "Setup.EXE", 20])
        expect(window.page.get_by_role("alert").first).to_have_text(
            "Setup.EXE: Programs cannot be sent here."
        )
        expect(window.page.locator(".chip")).to_have_count(2)
        expect(window.page.locator(".chip")).to_have_count(2)
        _write(window, "Two files of ours")
        conversation = _arrived(window, "Two files of ours")

        expect(window.page.locator(".m.me .file")).to_have_count(2)
        names = window.desk.rows(
            "SELECT a.name FROM inbox_attachment a JOIN inbox_timelineitem t "
            "ON t.id = a.item_id WHERE t.conversation_id = %s ORDER BY a.name",
            conversation,
        )
        assert names == [("dropped.txt",), ("pasted.txt",)]

    def test_sends_what_was_written_offline_once(self, visitor):
        window = visitor()
        page, context = window.page, window.context
        _start(window)
        _write(window, "Before the tunnel")
        _arrived(window, "Before the tunnel")

        context.set_offline(True)
        _write(window, "In the tunnel")
        _write(window, "Still in the tunnel")
        expect(page.locator(".s.late")).to_have_text("Not sent yet. Trying again.")
        context.set_offline(False)
        page.reload()
        page.locator(".conversation").click()
        _arrived(window, "Still in the tunnel")

        words = page.locator(".m.me .said")
        expect(words).to_have_text(
            ["Before the tunnel", "In the tunnel", "Still in the tunnel"]
        )
        assert _copies(window, "In the tunnel") == 1
        assert _copies(window, "Still in the tunnel") == 1
        expect(page.locator(".s.late")).to_have_count(0)

    def test_shows_a_message_once_though_its_answer_was_lost(self, visitor):
        window = visitor()
        page = window.page
        _start(window)
        lost = []

        def lose_the_answer(route):
            route.fetch()
            lost.append(route.request.post_data)
            route.abort()

        page.route("**/api/v1/chat/messages/", lose_the_answer, times=1)
        _write(window, "Said twice, meant once")
        _arrived(window, "Said twice, meant once")

        assert len(lost) == 1
        expect(page.locator(".s", has_text="Sent")).to_be_visible()
        expect(page.locator(".m.me")).to_have_count(1)
        assert _copies(window, "Said twice, meant once") == 1

    def test_is_asked_before_and_told_what_is_missing(self, visitor, look):
        window = visitor(FORM)
        page = window.page
        page.locator(".go").click()

        page.get_by_label("Your message").fill("About my order of yesterday")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_label("Your name")).to_be_focused()
        expect(page.get_by_text("Please fill this in.")).to_have_count(2)
        look(window, "a form with problems")
        page.get_by_label("Your name").fill("Mira")
        page.get_by_label("Your email").fill("mira@")
        page.get_by_label("Order number").fill("١٠٤٧")
        page.get_by_label("Keep it").check()
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("This does not look like an email")).to_be_visible()
        page.get_by_label("Your email").fill("mira@example.com")
        page.get_by_role("button", name="Send").click()

        expect(page.locator(".m.me")).to_contain_text("About my order of yesterday")
        _arrived(window, "About my order of yesterday")

    def test_ends_and_rates_and_deletes(self, visitor, look):
        window = visitor()
        page = window.page
        _start(window)
        _write(window, "That is all, thank you")
        conversation = _arrived(window, "That is all, thank you")
        look(window, "a conversation")

        page.get_by_role("button", name="More").click()
        look(window, "the menu")
        page.get_by_role("menuitem", name="End the conversation").click()
        look(window, "a question")
        page.get_by_role("button", name="End it").click()
        page.get_by_role("radio", name="Very good").check(force=True)
        page.get_by_label("Would you like to tell us more?").fill("Quick")
        look(window, "the rating")
        page.locator(".rate").get_by_role("button", name="Send").click()
        expect(page.get_by_text("Thank you. That helps us.")).to_be_visible()
        sql = "SELECT rating, rating_comment FROM chat_chatstate "
        sql += "WHERE conversation_id = %s"
        assert window.desk.rows(sql, conversation) == [(5, "Quick")]

        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Delete my data").click()
        page.get_by_role("button", name="Delete everything").click()
        expect(page.get_by_text("Your data has been deleted.")).to_be_visible()
        assert page.evaluate(STORED) == [[], ""]
        expect(page.locator(".conversation")).to_have_count(0)

    def test_outside_hours_is_told_what_happens_next(self, visitor, look):
        window = visitor(AWAY)
        page = window.page
        expect(page.locator(".foot")).to_contain_text("Closed now, back Wednesday")
        look(window, "home while closed")

        page.locator(".go").click()

        expect(page.get_by_text("We are away now and back Wednesday")).to_be_visible()
        look(window, "the form while closed")

    @pytest.mark.parametrize("language", ["ar", "fa"])
    def test_reads_from_right_to_left(self, visitor, look, language):
        window = visitor(query=f"?language={language}")
        page = window.page

        look(window, f"home in {language}")
        _start(window)
        page.locator(".co textarea").fill("مرحبا")
        page.locator(".send").click()
        bubble = page.locator(".m.me")
        expect(bubble).to_be_visible()

        assert page.evaluate("document.documentElement.dir") == "rtl"
        place = bubble.bounding_box()
        assert place["x"] <= 20
        look(window, f"a conversation in {language}")
