"""A visitor sends a photo and their voice, hears an answer, and takes it all along."""

import io
import struct
import zlib
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import PHONE
from tests.journeys.shop import set_up_widgets
from tests.journeys.strict_shop import frame_of, heard, open_panel, panel_of

PANEL = {"width": 376, "height": 640}
KEY = "more-than-words"
LISTEN = """
window.played = [];
window.begun = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  begun++;
  this.addEventListener("ended", () => played.push(this.context.state));
  return start.apply(this, when);
};
"""
"""Note every sound that began, and that was really played to its end."""
KEEP_MICROPHONE = """() => {
  const ask = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = async function (...facts) {
    window.asked = true;
    await window.allowed;
    return (window.opened = await ask.apply(this, facts));
  };
}"""
ASK_FIRST = "() => { window.allowed = new Promise(it => (window.allow = it)); }"
SHUT = "window.opened?.getTracks().every(it => it.readyState === 'ended')"
UNTIL_SHUT = f"""async () => {{
  while (!({SHUT})) await new Promise((go) => setTimeout(go, 50));
}}"""
"""By a clock: nothing is drawn, and so nothing looked at, in a frame that is hidden."""
PAINTED = "it => it.complete && it.naturalWidth"
PLAYS = """async (it) => {
  it.muted = true;
  await it.play();
  await new Promise((done) => it.addEventListener("ended", done, { once: true }));
  return it.currentTime;
}"""
FILES = """
SELECT a.content_type, a.size FROM inbox_attachment a
JOIN inbox_timelineitem t ON t.id = a.item_id WHERE t.conversation_id = %s
"""
LAST = "SELECT max(id) FROM inbox_timelineitem"
NEWEST = """
SELECT conversation_id FROM inbox_timelineitem i JOIN inbox_channel c
ON c.id = i.channel_id WHERE c.address = %s AND i.id > %s ORDER BY i.id LIMIT 1
"""


def photo(*, width=64, height=48):
    """Return a PNG of one color, as small as a picture can be."""

    def chunk(name, data):
        checked = name + data
        return (
            struct.pack(">I", len(data))
            + checked
            + struct.pack(">I", zlib.crc32(checked))
        )

    picture = io.BytesIO()
    picture.write(b"\x89PNG\r\n\x1a\n")
    picture.write(chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)))
    rows = (b"\0" + bytes((70, 110, 80)) * width) * height
    picture.write(chunk(b"IDAT", zlib.compress(rows)))
    picture.write(chunk(b"IEND", b""))
    return {"name": "garden.png", "mimeType": "image/png", "buffer": picture.getvalue()}


@pytest.fixture(scope="module", autouse=True)
def widget(desk):
    set_up_widgets(desk, {KEY: {"domains": ["shop.example"]}})
    desk.rows("UPDATE inbox_channel SET undo_seconds = 0 WHERE address = %s", KEY)


class Panel:
    """The chat before somebody who has begun a conversation."""

    def __init__(self, window):
        self.window, self.page = window, window.page
        self.before = window.desk.rows(LAST)[0][0] or 0
        window.context.add_init_script(LISTEN)
        window.goto(f"/chat/{KEY}/")
        self.page.locator(".go").click()
        expect(self.page.locator(".co textarea")).to_be_visible()

    def say(self, text):
        box = self.page.locator(".co textarea")
        box.fill(text)
        box.press("Enter")
        return self.arrived()

    def arrived(self):
        """Wait until the desk has what was sent; return its conversation."""
        expect(self.page.locator(".s", has_text="Sent").last).to_be_visible()
        for _ in range(200):
            found = self.window.desk.rows(NEWEST, KEY, self.before)
            if found:
                return found[0][0]
            self.page.wait_for_timeout(100)
        raise AssertionError("Nothing arrived at the desk")

    def choose(self, name):
        self.page.get_by_role("button", name="More").click()
        self.page.get_by_role("menuitem", name=name).click()


@pytest.fixture
def panel(visit):
    def open_panel(viewport=PANEL, **options):
        return Panel(visit(viewport=viewport, **options))

    return open_panel


def answer(agent, conversation, text):
    agent.goto(f"/conversations/{conversation}/?queue=all")
    expect(agent.page.locator("#timeline .message").last).to_be_visible()
    field = agent.page.get_by_role("textbox", name="Your answer")
    field.fill(text)
    field.press("Control+Enter")


class TestAPhoto:
    def test_goes_from_the_camera_of_a_phone_to_the_agent(self, panel, sign_in):
        shown = panel(PHONE, has_touch=True, is_mobile=True)
        page = shown.page

        with page.expect_file_chooser() as asked:
            page.get_by_role("button", name="Take a photo").click()
        assert asked.value.element.get_attribute("capture") == "environment"
        asked.value.set_files([photo()])
        expect(page.locator(".chip")).to_contain_text("garden.png")
        page.locator(".send").click()
        conversation = shown.arrived()

        seen = page.locator(".m.me img.thumb")
        expect(seen).to_be_visible()
        page.wait_for_function(f"{PAINTED}", arg=seen.element_handle())
        assert shown.window.desk.rows(FILES, conversation)[0][0] == "image/png"
        agent = sign_in("noor")
        agent.goto(f"/conversations/{conversation}/?queue=all")
        expect(agent.page.locator("#timeline .attachment.is-image img")).to_be_visible()

    def test_that_is_none_looks_like_any_other_file(self, panel):
        shown = panel()
        page = shown.page
        broken = {**photo(), "buffer": b"a picture no more"}

        page.locator(".clip input").set_input_files([broken])
        page.locator(".send").click()

        expect(page.locator(".m.me .file")).to_contain_text("garden.png")
        expect(page.locator(".m.me span.thumb")).to_be_visible()


class TestFiles:
    def test_are_counted_once_and_weighed(self, panel):
        page = panel().page
        note = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"note" * 600}

        page.locator(".clip input").set_input_files([note] * 7)
        problem = page.locator(".co .problem")
        expect(problem).to_have_text("At most 5 files go with one message.")
        page.locator(".send").click()

        expect(page.locator(".m.me .file small").first).to_have_text("2 kB")


class TestAVoiceNote:
    def test_is_recorded_heard_again_and_sent(self, panel):
        shown = panel()
        page = shown.page

        page.get_by_role("button", name="Record a voice note").click()
        expect(page.get_by_role("timer")).to_have_text("Recording, 0:02")
        page.get_by_role("button", name="Stop and attach").click()
        expect(page.locator(".chip")).to_contain_text("Voice note.webm")
        expect(page.get_by_role("button", name="Send")).to_be_focused()
        page.keyboard.press("Enter")
        conversation = shown.arrived()
        page.reload()
        page.locator(".conversation").click()

        note = page.locator(".m.me audio")
        expect(note).to_be_visible()
        assert note.evaluate(PLAYS) > 1
        kind, size = shown.window.desk.rows(FILES, conversation)[0]
        assert kind.startswith("audio/webm")
        assert size > 1000

    def test_is_played_by_the_agent_where_it_came(self, panel, sign_in):
        shown, agent = panel(), sign_in("noor")
        page = shown.page

        page.get_by_role("button", name="Record a voice note").click()
        expect(page.get_by_role("timer")).to_have_text("Recording, 0:02")
        page.get_by_role("button", name="Stop and attach").click()
        page.get_by_role("button", name="Send").click()
        agent.goto(f"/conversations/{shown.arrived()}/?queue=all")

        expect(agent.page.locator("#timeline .bubble .prose")).to_have_count(0)
        note = agent.page.locator("#timeline audio")
        expect(note).to_be_visible()
        assert note.evaluate(PLAYS) > 1
        row = agent.page.locator(".row", has=agent.page.locator("[aria-current]"))
        expect(row).to_contain_text("Voice note.webm")

    def test_is_thrown_away(self, panel):
        shown = panel()
        page = shown.page

        page.get_by_role("button", name="Record a voice note").click()
        expect(page.get_by_role("timer")).to_be_visible()
        page.keyboard.press("Escape")

        expect(page.get_by_role("timer")).to_have_count(0)
        expect(page.locator(".chip")).to_have_count(0)
        expect(page.locator(".co textarea")).to_be_visible()

    def test_is_thrown_away_with_the_place_it_was_made_in(self, panel):
        shown = panel()
        page = shown.page
        page.evaluate(KEEP_MICROPHONE)

        page.get_by_role("button", name="Record a voice note").click()
        expect(page.get_by_role("timer")).to_be_visible()
        page.get_by_role("button", name="Back").click()
        expect(page.locator(".hero")).to_be_visible()

        page.wait_for_function(SHUT)

    def test_is_kept_and_the_microphone_shut_when_the_panel_closes(self, customer):
        window, chat, frame = self._at_the_shop(customer)

        chat.get_by_role("button", name="Record a voice note").click()
        expect(chat.get_by_role("timer")).to_be_visible()
        window.page.evaluate("tributary.close()")

        frame.evaluate(UNTIL_SHUT)
        window.page.evaluate("tributary.open()")
        expect(chat.locator(".chip")).to_contain_text("Voice note.webm")
        expect(chat.get_by_role("timer")).to_have_count(0)

    def test_never_begins_behind_a_panel_that_was_closed_meanwhile(self, customer):
        window, chat, frame = self._at_the_shop(customer)
        frame.evaluate(ASK_FIRST)

        chat.get_by_role("button", name="Record a voice note").click()
        frame.wait_for_function("window.asked")
        window.page.evaluate("tributary.close()")
        assert heard(window, "close")
        frame.evaluate("allow()")

        frame.evaluate(UNTIL_SHUT)
        window.page.evaluate("tributary.open()")
        expect(chat.get_by_role("button", name="Send")).to_be_visible()
        expect(chat.locator(".chip")).to_have_count(0)

    def _at_the_shop(self, customer):
        window = customer()
        open_panel(window)
        chat, frame = panel_of(window), frame_of(window)
        chat.locator(".go").click()
        frame.evaluate(KEEP_MICROPHONE)
        return window, chat, frame


class TestSound:
    def test_is_off_until_it_is_switched_on(self, panel, sign_in):
        shown, agent = panel(), sign_in("noor")
        page = shown.page
        conversation = shown.say("Do you hear me?")
        answer(agent, conversation, "Without a sound.")
        expect(page.get_by_text("Without a sound.")).to_be_visible()
        assert page.evaluate("played") == []

        shown.choose("Turn sound on")
        page.wait_for_function("() => played.length === 2")
        answer(agent, conversation, "With two notes.")
        expect(page.get_by_text("With two notes.")).to_be_visible()

        page.wait_for_function("() => played.length === 4")
        assert set(page.evaluate("played")) == {"running"}
        shown.choose("Turn sound off")
        answer(agent, conversation, "Quiet again.")
        expect(page.get_by_text("Quiet again.")).to_be_visible()
        assert len(page.evaluate("played")) == 4

    def test_comes_with_news_of_what_is_not_open(self, panel, sign_in):
        shown, agent = panel(), sign_in("noor")
        page = shown.page
        conversation = shown.say("Are you there?")
        shown.choose("Turn sound on")
        page.wait_for_function("() => played.length === 2")

        page.reload()
        expect(page.locator(".conversation")).to_be_visible()
        page.locator("h1").click()
        answer(agent, conversation, "Always.")
        expect(page.locator(".conversation")).to_contain_text("Always.")

        page.wait_for_function("() => played.length === 2")

    def test_is_none_when_it_would_come_long_after_the_answer(self, panel, sign_in):
        shown, agent, held = panel(), sign_in("noor"), []
        page = shown.page
        conversation = shown.say("Is there anybody?")
        shown.choose("Turn sound on")
        page.wait_for_function("() => played.length === 2")
        page.clock.install()
        page.route("**/sound*.js", lambda route: held.append(route))
        page.reload()
        page.locator(".conversation").click()

        with page.expect_request("**/sound*.js"):
            answer(agent, conversation, "Somebody is.")
        expect(page.get_by_text("Somebody is.")).to_be_visible()
        page.clock.fast_forward(5000)
        with page.expect_response("**/sound*.js"):
            held.pop().continue_()
        shown.choose("Turn sound off")

        assert page.evaluate("begun") == 0


class TestATranscript:
    def test_arrives_in_the_mailbox_that_is_named(self, panel, sign_in, postbox):
        shown, agent = panel(), sign_in("noor")
        page = shown.page
        address = f"wanda@{uuid4().hex[:6]}.example"
        conversation = shown.say("Is <b>the tent</b> big enough?")
        answer(agent, conversation, "For two and a dog.")
        expect(page.get_by_text("For two and a dog.")).to_be_visible()

        shown.choose("Email me this conversation")
        field = page.get_by_label("Your email")
        expect(field).to_be_focused()
        field.fill("wanda@")
        field.press("Enter")
        expect(page.get_by_text("This does not look like an email")).to_be_visible()
        field.fill(address)
        field.press("Enter")
        told = page.get_by_text(f"The conversation is on its way to {address}.")
        expect(told).to_be_visible()

        mail = postbox.wait_for(address)
        text = mail.get_body(("plain",)).get_content()
        assert "Is <b>the tent</b> big enough?" in text
        assert "For two and a dog." in text
        assert text.index("big enough") < text.index("For two")
        markup = mail.get_body(("html",)).get_content()
        assert "Is &lt;b&gt;the tent&lt;/b&gt; big enough?" in markup
        assert len(postbox.of(address)) == 1
