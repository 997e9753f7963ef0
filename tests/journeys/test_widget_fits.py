"""Whatever the size of window and text, nothing of the chat is cut or covered."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import PHONE
from tests.journeys.shop import set_up_widgets

KEY, FORM = "fits", "fits-form"
HOST = {
    "domains": ["shop.example"],
    "notice": "On Thursday 24 December we answer until noon only.",
}
FIELDS = [
    {"name": "name", "label": "Your name", "type": "text", "is_required": True},
    {"name": "about", "label": "About", "type": "list", "options": ["An order"]},
    {"name": "terms", "label": "Keep it", "type": "checkbox", "is_required": True},
]
ZOOMED = {"viewport": {"width": 640, "height": 480}, "device_scale_factor": 2}
PANEL = {"viewport": {"width": 376, "height": 640}}
NARROW = {"viewport": {"width": 320, "height": 568}, "has_touch": True}
LYING = {"viewport": {"width": 568, "height": 320}, "has_touch": True}
LARGE_TEXT = {"viewport": PHONE, "device_scale_factor": 3, "has_touch": True}
ENLARGE = """() => {
  for (const it of document.querySelectorAll("body, body *")) {
    if (it.dataset.enlarged || it.closest("svg")) continue;
    it.dataset.enlarged = parseFloat(getComputedStyle(it).fontSize) * 2;
  }
  for (const it of document.querySelectorAll("[data-enlarged]"))
    it.style.fontSize = `${it.dataset.enlarged}px`;
}"""
"""Twice as large, as the text of a phone can be set to."""
OFF = """() => {
  const wrong = [];
  const named = (it) => `${it.tagName}.${it.className} ${it.ariaLabel ?? it.innerText}`;
  const isWide = ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1;
  if (isWide(document.documentElement)) wrong.push("the page is too wide");
  const layer = document.querySelector("dialog[open], .menu") ?? document.body;
  for (const it of layer.querySelectorAll("*")) {
    if (!it.checkVisibility() || it.closest(".hidden, .trap, svg")) continue;
    const { overflowX } = getComputedStyle(it);
    const isCut = overflowX !== "visible" && !it.matches(".cut, textarea, input, .av");
    if (isCut && isWide(it)) wrong.push(`cut: ${named(it)}`);
    if (it.matches("h1.cut") && it.clientWidth < 24) wrong.push(`gone: ${named(it)}`);
    if (!it.matches("button, a, select, input, textarea")) continue;
    it.scrollIntoView({ block: "center", behavior: "instant" });
    const { left, right, top, height } = it.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1) wrong.push(`outside: ${named(it)}`);
    const met = document.elementFromPoint((left + right) / 2, top + height / 2);
    const own = met && (it.contains(met) || met.contains(it) || met.closest("label"));
    if (!own) wrong.push(`covered: ${named(it)} by ${met && named(met)}`);
  }
  return wrong;
}"""
BEGINNING_IS_SEEN = """(it) => {
  const first = document.createRange();
  first.setStart(it.firstChild, 0);
  first.setEnd(it.firstChild, 1);
  const [seen, all] = [first, it].map((part) => part.getBoundingClientRect());
  return seen.left >= all.left - 1 && seen.right <= all.right + 1;
}"""
MOVING = """() => document.getAnimations().length
  + [...document.querySelectorAll("*")].filter((it) => {
      const { transitionDuration, animationName } = getComputedStyle(it);
      return parseFloat(transitionDuration) > 0 || animationName !== "none";
    }).length"""


@pytest.fixture(scope="module", autouse=True)
def widgets(desk):
    form = {"form_for": "visitors", "form_fields": FIELDS}
    set_up_widgets(desk, {KEY: HOST, FORM: {**HOST, **form}})


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    ("size", "is_enlarged"),
    [(ZOOMED, False), (NARROW, False), (LARGE_TEXT, True)],
    ids=["zoomed", "narrow", "large-text"],
)
class TestWidgetFits:
    def test_on_every_screen(self, visit, size, is_enlarged, language):
        window = visit(**size)
        page = window.page
        off = {}

        def look(name):
            if is_enlarged:
                page.evaluate(ENLARGE)
            if wrong := page.evaluate(OFF):
                off[name] = wrong

        window.goto(f"/chat/{FORM}/?language={language}")
        page.locator(".go").click()
        expect(page.locator(".form")).to_be_visible()
        look("form")
        window.goto(f"/chat/{KEY}/?language={language}")
        expect(page.locator(".go")).to_be_visible()
        look("home")
        page.locator(".go").click()
        field = page.locator(".co textarea")
        field.fill(f"{uuid4().hex * 3} and some words that are shorter")
        field.press("Enter")
        expect(page.locator(".mail")).to_be_visible()
        look("conversation")
        page.locator(".mail .link").click()
        look("mail")
        page.locator(".more").click()
        look("menu")
        page.get_by_role("menuitem").nth(1).click()
        look("question")
        page.keyboard.press("Escape")
        page.locator(".picker + button, .picker ~ button").first.click()
        expect(page.locator(".emoji")).to_be_visible()
        look("emoji")
        page.keyboard.press("Escape")
        page.locator(".bar > .tool:not([aria-haspopup])").click()
        expect(page.locator(".recording")).to_be_visible()
        look("recording")
        page.keyboard.press("Escape")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)

        assert off == {}


class TestNumbers:
    def test_are_written_as_the_language_writes_them(self, visit):
        window = visit(**PANEL)
        window.goto(f"/chat/{KEY}/?language=fa")
        window.page.locator(".go").click()

        window.page.locator(".bar > .tool:not([aria-haspopup])").click()

        expect(window.page.get_by_role("timer")).to_contain_text("\u06f0:\u06f0\u06f1")


class TestTheHead:
    def test_says_how_soon_an_answer_comes_where_it_is_narrow(self, visit, sign_in):
        window = visit(**NARROW)
        page = window.page
        page.route(f"**/channels/{KEY}/?*", _with_long_brand)
        window.goto(f"/chat/{KEY}/")
        page.locator(".go").click()
        words = f"Is it warm? {uuid4().hex[:8]}"
        page.locator(".co textarea").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator(".s", has_text="Sent")).to_be_visible()
        _answer_as(sign_in("noor"), question=words, text="As toast.")
        expect(page.locator(".head h1")).to_have_text("Noor Okafor")

        pace = page.get_by_text("usually 6 minutes")
        expect(pace).to_be_visible()
        assert pace.evaluate("it => it.scrollWidth <= it.clientWidth")


def _answer_as(agent, *, question, text):
    agent.goto("/queues/all/")
    agent.page.locator(".row", has_text=question).get_by_role("link").first.click()
    field = agent.page.get_by_role("textbox", name="Your answer")
    field.fill(text)
    field.press("Control+Enter")


def _with_long_brand(route):
    answer = route.fetch()
    changes = {"brand": "Larchwood Outdoor and Sons", "reply_minutes": 6}
    route.fulfill(response=answer, json={**answer.json(), **changes})


class TestTheList:
    def test_shows_where_words_of_another_direction_begin(self, visit):
        window = visit(**NARROW)
        page = window.page
        window.goto(f"/chat/{KEY}/?language=fa")
        page.locator(".go").click()
        page.locator(".co textarea").fill("Which of your tents is the warmest one?")
        page.keyboard.press("Enter")
        page.locator(".back").click()

        preview = page.locator(".conversation small .cut")
        expect(preview).to_be_visible()
        assert preview.evaluate(BEGINNING_IS_SEEN)


class TestTheEnd:
    def test_is_in_view_with_the_card_that_follows_a_long_message(self, visit):
        window = visit(**PANEL)
        page = window.page
        window.goto(f"/chat/{KEY}/")
        page.locator(".go").click()
        page.locator(".co textarea").fill("\n".join(map(str, range(40))))
        page.keyboard.press("Enter")
        expect(page.locator(".s")).to_have_text("Sent")

        expect(page.locator(".mail")).to_be_in_viewport(ratio=1)
        page.reload()
        page.locator(".conversation").click()
        expect(page.locator(".mail")).to_be_in_viewport(ratio=1)


class TestTheForm:
    def test_shows_what_is_missing_with_its_name_and_its_reason(self, visit):
        window = visit(**LYING)
        page = window.page
        window.goto(f"/chat/{FORM}/")
        page.locator(".go").click()

        page.locator("form .go").click()

        expect(page.get_by_label("Your name")).to_be_focused()
        question = page.locator(".question").first
        for part in (question.locator("label"), question.locator(".problem")):
            expect(part).to_be_in_viewport(ratio=1)


class TestMotion:
    def test_is_none_for_who_minds_it(self, visit):
        window = visit(**PANEL, reduced_motion="reduce")
        page = window.page
        window.goto(f"/chat/{KEY}/")
        page.locator(".go").click()
        expect(page.locator(".co textarea")).to_be_visible()
        assert page.evaluate(MOVING) == 0

        page.emulate_media(reduced_motion="no-preference")
        assert page.evaluate(MOVING) > 0
