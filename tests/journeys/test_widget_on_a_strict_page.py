"""A shop whose pages allow next to nothing puts the chat on them."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import PHONE, WIDE
from tests.journeys.shop import open_shop, set_up_widgets
from tests.waiting import eventually

KEY = "chat-strict"
INVITING = "chat-inviting"
FAR = "chat-far"
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (it) =>
  violations.push(`${it.violatedDirective} ${it.blockedURI}`));
"""
HEAR = """
window.heard = [];
addEventListener("message", ({ data }) => data?.tributary && heard.push(data));
"""
HEAR_FROM_CHAT = """() => {
  window.told = [];
  for (const name of ['identify-failed', 'forgotten'])
    tributary.on(name, (detail) => told.push([name, detail ?? null]));
}"""
LEAVE = "dispatchEvent(new PageTransitionEvent('pagehide'))"
STORED = """async () => [
  Object.keys(localStorage), Object.keys(sessionStorage), document.cookie,
  (await indexedDB.databases()).length, await caches.keys().catch(() => []),
]"""
NOTHING = [[], [], "", 0, []]
INVITATION = {
    "key": "hesitates",
    "text": "Is there <b>anything</b> we can help with?",
    "url_contains": "/basket",
    "seconds": 1,
    "attributes": {"basket": "3"},
}


@pytest.fixture(scope="module")
def shop(desk):
    with open_shop() as shop:
        domains = [f"127.0.0.1:{shop.port}"]
        set_up_widgets(
            desk,
            {
                KEY: {"domains": domains},
                FAR: {"domains": [f"localhost:{shop.port}"]},
                INVITING: {"domains": domains, "invitations": [INVITATION]},
            },
        )
        for path, key in (
            ("/", KEY),
            ("/twice", KEY),
            ("/basket", INVITING),
            ("/far", FAR),
        ):
            script = f'<script async src="{desk.url}/chat/{key}/widget.js"></script>'
            shop.put(
                path,
                page_with(script * (2 if path == "/twice" else 1)),
                policy=strict(desk),
            )
        shop.put("/rtl", page_with(tag(desk)).replace("<html", '<html dir="rtl"'))
        shop.put("/early", page_with(tag(desk)), policy=strict(desk))
        yield shop


def strict(desk):
    return (
        f"default-src 'none'; script-src {desk.url}; frame-src {desk.url}; "
        f"connect-src {desk.url}; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )


def tag(desk):
    return f'<script async src="{desk.url}/chat/{KEY}/widget.js"></script>'


def page_with(scripts):
    lines = "<p>All about tents.</p>" * 80
    return (
        '<!doctype html><html lang="en"><head><title>Tents</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{scripts}</head><body><main><h1>Tents</h1>"
        f'<a href="#more">More</a>{lines}</main></body></html>'
    )


@pytest.fixture
def customer(visit, shop):
    """Open a page of the shop, with ears on everything that may go wrong."""

    def come(path="/", *, url=shop.url, before="", viewport=WIDE):
        window = visit(url=url, viewport=viewport)
        window.context.add_init_script(LISTEN + HEAR + before)
        window.goto(path)
        expect(launcher_of(window)).to_be_visible()
        return window

    return come


def launcher_of(window):
    return window.page.locator("tributary-chat button.l")


def panel_of(window):
    return window.page.frame_locator("tributary-chat iframe")


def frame_of(window):
    return window.page.locator("tributary-chat iframe").element_handle().content_frame()


def open_panel(window):
    launcher_of(window).click()
    expect(panel_of(window).get_by_role("heading").first).to_be_visible()


def violations(window):
    return [
        it for frame in window.page.frames for it in frame.evaluate("window.violations")
    ]


def heard(window, kind):
    """Wait until the panel is told something, and return it."""
    frame = frame_of(window)
    frame.wait_for_function("kind => heard.some(it => it.type === kind)", arg=kind)
    return frame.evaluate("kind => heard.findLast(it => it.type === kind)", kind)


class TestOnAStrictPage:
    def test_the_chat_opens_and_breaks_no_policy(self, customer):
        window = customer()

        open_panel(window)

        box = window.page.locator("tributary-chat iframe").bounding_box()
        assert box["width"] > 300
        assert violations(window) == []

    def test_nothing_is_kept_before_something_is_written(self, customer):
        window = customer()
        open_panel(window)
        window.page.keyboard.press("Escape")

        assert window.context.cookies() == []
        assert window.page.evaluate(STORED) == NOTHING
        assert frame_of(window).evaluate(STORED) == NOTHING

    def test_the_panel_comes_only_when_it_is_asked_for(self, customer):
        window = customer()
        ours = [it for it in window.requests if window.desk.url in it]

        assert [it.rpartition("/")[2] for it in ours if "/visits/" not in it] == [
            "widget.js"
        ]
        expect(window.page.locator("tributary-chat iframe")).to_have_count(0)

    def test_the_keyboard_goes_in_and_comes_back(self, customer):
        window = customer()
        page, launcher = window.page, launcher_of(window)

        page.get_by_role("link", name="More").focus()
        page.keyboard.press("Tab")
        expect(launcher).to_be_focused()
        expect(launcher).to_have_attribute("aria-expanded", "false")
        expect(launcher).to_have_accessible_name("Open chat")
        page.keyboard.press("Enter")
        expect(launcher).to_have_attribute("aria-expanded", "true")
        frame_of(window).wait_for_function(
            "() => document.hasFocus() && document.activeElement !== document.body"
        )
        page.keyboard.press("Escape")

        expect(launcher).to_have_attribute("aria-expanded", "false")
        expect(launcher).to_be_focused()
        expect(page.locator("tributary-chat iframe")).to_be_hidden()

    def test_it_fills_a_phone_and_gives_it_back(self, customer):
        window = customer(viewport=PHONE)
        page = window.page

        open_panel(window)

        assert page.locator("tributary-chat .f").bounding_box() == {
            "x": 0,
            "y": 0,
            **PHONE,
        }
        expect(launcher_of(window)).to_be_hidden()
        state = "[document.documentElement.style.overflow, document.body.inert]"
        assert page.evaluate(state) == ["hidden", True]
        panel_of(window).get_by_role("button", name="Close").click()
        expect(launcher_of(window)).to_be_focused()
        assert page.evaluate(state) == ["", False]
        assert violations(window) == []

    def test_it_opens_where_the_browser_keeps_nothing(self, customer, shop):
        window = customer("/far", url=shop.far_url)

        open_panel(window)

        denied = "() => { try { return !localStorage } catch { return true } }"
        assert frame_of(window).evaluate(denied)
        assert violations(window) == []

    def test_no_panel_shows_where_the_desk_does_not_allow_it(self, customer, shop):
        window = customer(url=shop.far_url)

        launcher_of(window).click()

        expect(window.page.locator("tributary-chat iframe")).to_be_visible()
        frame = frame_of(window)
        frame.wait_for_url("chrome-error://**")
        expect(panel_of(window).locator("#app")).to_have_count(0)
        assert any("frame-ancestors" in it for it in window.complaints)
        window.complaints.clear()

    def test_axe_finds_nothing(self, customer, look):
        window = customer()

        look(window, "the launcher")
        open_panel(window)
        look(window, "the panel", parts=["tributary-chat"])
        launcher_of(window).click()
        expect(window.page.locator("tributary-chat iframe")).to_be_hidden()

    def test_a_second_script_changes_nothing(self, customer):
        window = customer("/twice")

        expect(window.page.locator("tributary-chat")).to_have_count(1)
        open_panel(window)

    def test_it_stands_at_the_end_of_the_line(self, customer):
        left, right = customer("/rtl"), customer()

        assert launcher_of(left).bounding_box()["x"] == 20
        box = launcher_of(right).bounding_box()
        assert box["x"] + box["width"] > WIDE["width"] - 40

    def test_it_is_not_printed(self, customer):
        window = customer()

        window.page.emulate_media(media="print")

        expect(launcher_of(window)).to_be_hidden()


class TestThePage:
    def test_says_what_it_wants_before_the_script_is_there(self, customer):
        window = customer(
            "/early",
            before="""window.opened = [];
            window.tributary ||= [["set", {plan: "pro"}], ["open"],
              ["on", "ready", () => opened.push(1)]];""",
        )

        assert heard(window, "hello")["attributes"] == {"plan": "pro"}
        window.page.wait_for_function("() => opened.length === 1")
        expect(launcher_of(window)).to_have_attribute("aria-expanded", "true")

    def test_tells_the_panel_where_the_visitor_goes(self, customer):
        window = customer()
        open_panel(window)

        window.page.evaluate(
            """() => { document.title = "Stoves";
            history.pushState({}, "", "/stoves?a=1"); }"""
        )

        told = heard(window, "page")
        assert told["title"] == "Stoves"
        assert told["url"].endswith("/stoves?a=1")

    def test_hides_the_launcher_and_still_opens(self, customer):
        window = customer()

        window.page.evaluate("tributary.hide()")
        expect(launcher_of(window)).to_be_hidden()
        window.page.evaluate("tributary.open()")
        expect(panel_of(window).get_by_role("heading").first).to_be_visible()
        window.page.evaluate("() => { tributary.close(); tributary.show(); }")

        expect(launcher_of(window)).to_be_visible()

    def test_chooses_the_language(self, customer):
        window = customer()

        window.page.evaluate("tributary.language('ar')")

        stage = window.page.locator("tributary-chat > div, tributary-chat div").first
        expect(stage).to_have_attribute("lang", "ar")
        launcher_of(window).click()
        frame_of(window).wait_for_function(
            "() => document.documentElement.dir === 'rtl'"
        )

    def test_hears_of_what_happens(self, customer):
        window = customer()
        window.page.evaluate(
            """() => { window.happened = [];
            for (const name of ['open', 'close', 'ready'])
              tributary.on(name, () => happened.push(name)); }"""
        )

        open_panel(window)
        window.page.wait_for_function("() => happened.includes('ready')")
        window.page.keyboard.press("Escape")
        window.page.wait_for_function("() => happened.includes('close')")

        assert window.page.evaluate("happened") == ["open", "ready", "close"]

    @pytest.mark.parametrize(
        ("proof", "code"),
        [
            ("'nobody.signed.this'", "identity_invalid"),
            ("{user_id: '7'}", "identity_missing"),
            ("''", "identity_missing"),
        ],
    )
    def test_hears_that_an_identity_was_refused(self, customer, shop, proof, code):
        window = customer("/far", url=shop.far_url)
        window.page.evaluate(HEAR_FROM_CHAT)

        window.page.evaluate(f"tributary.identify({proof})")

        window.page.wait_for_function("() => told.length === 1")
        assert window.page.evaluate("told") == [["identify-failed", {"code": code}]]
        assert all("identify was refused" in it for it in window.complaints)
        window.complaints.clear()

    def test_hears_that_the_visitor_is_forgotten(self, customer, shop):
        window = customer("/far", url=shop.far_url)
        window.page.evaluate(HEAR_FROM_CHAT)

        window.page.evaluate("tributary.forget()")
        window.page.wait_for_function("() => told.length === 1")
        open_panel(window)
        window.page.evaluate("tributary.forget()")
        window.page.wait_for_function("() => told.length === 2")

        assert window.page.evaluate("told") == [["forgotten", None]] * 2
        assert window.page.evaluate(STORED) == NOTHING


class TestVisits:
    def test_are_reported_with_the_page(self, customer):
        window = customer()

        with window.page.expect_request("**/visits/") as found:
            window.page.evaluate("history.pushState({}, '', '/next#access_token=no')")

        sent = found.value.post_data_json
        assert sent["url"].endswith("/next")
        assert sent["title"] == "Tents"
        assert found.value.headers.get("cookie") is None

    def test_are_not_reported_if_the_visitor_minds(self, customer):
        window = customer(
            before="Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'});"
        )

        assert [it for it in window.requests if "/visits/" in it] == []

    def test_end_with_the_page(self, customer, sign_in, desk):
        agent, window = sign_in("noor"), customer("/?leaves")

        def is_seen_at(path):
            guests = agent.page.request.get(f"{desk.url}/visitors/").text()
            return f'title="{window.url}{path}"' in guests

        window.page.evaluate("history.pushState({}, '', '/leaving')")
        assert eventually(lambda: is_seen_at("/leaving"))
        window.goto("/twice")

        assert eventually(lambda: is_seen_at("/twice"))
        assert eventually(lambda: not is_seen_at("/leaving"))
        assert window.page.evaluate(STORED) == NOTHING

    def test_begin_anew_with_a_page_that_comes_back(self, customer):
        window = customer()
        with window.page.expect_request("**/visits/") as first:
            window.page.evaluate("history.pushState({}, '', '/next')")

        with (
            window.page.expect_request("**/visits/") as second,
            window.page.expect_request("**/visits/*/end/") as end,
        ):
            window.page.evaluate(LEAVE)

        names = [it.value.post_data_json["visit"] for it in (first, second)]
        assert names[0] != names[1]
        assert end.value.url.endswith(f"/visits/{names[0]}/end/")
        assert (end.value.method, end.value.post_data) == ("POST", None)
        assert end.value.headers.get("cookie") is None


class TestStrangers:
    def test_cannot_speak_for_the_panel(self, customer):
        window = customer()
        open_panel(window)

        window.page.evaluate(
            """() => { for (const type of ['wrote', 'close', 'unread', 'ready'])
              postMessage({tributary: 1, type, count: 7}, '*'); }"""
        )
        window.page.evaluate("() => new Promise(requestAnimationFrame)")

        expect(launcher_of(window)).to_have_attribute("aria-expanded", "true")
        expect(window.page.locator("tributary-chat span")).to_be_hidden()
        assert window.page.evaluate("localStorage.length") == 0

    def test_cannot_reach_what_every_object_has(self, customer):
        window = customer("/?__proto__[x]=1&a[__proto__][x]=1")
        open_panel(window)

        window.page.evaluate(
            """() => { tributary.set(JSON.parse('{"__proto__": {"x": 1}, "a": 1}'));
            const post = (it) => document.querySelector('tributary-chat').shadowRoot
              .querySelector('iframe').contentWindow.postMessage(it, '*');
            for (const type of ['__proto__', 'constructor', 'toString', 5, null])
              post({tributary: 1, type});
            post({tributary: 1, type: 'set', attributes: JSON.parse(
              '{"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}}')}); }"""
        )
        heard(window, "set")

        assert window.page.evaluate("({}).x") is None
        assert frame_of(window).evaluate("({}).x") is None


class TestInvitation:
    def test_shows_as_text_where_it_is_due_and_can_be_sent_away(self, customer):
        window = customer("/basket")
        said = window.page.locator("tributary-chat [role=status]")
        expect(said).to_be_hidden()

        window.page.evaluate("tributary.set({basket: 3})")
        expect(said).to_contain_text(INVITATION["text"])
        said.get_by_role("button", name="Dismiss").click()

        expect(said).to_be_hidden()
        expect(launcher_of(window)).to_be_focused()
        assert window.page.evaluate("localStorage.length") == 0
        assert violations(window) == []

    def test_opens_the_panel_with_it(self, customer, look):
        window = customer(
            "/basket", before="window.tributary ||= [['set', {basket: '3'}]];"
        )
        said = window.page.locator("tributary-chat [role=status]")
        expect(said).to_be_visible()
        look(window, "an invitation")

        said.get_by_role("button").first.click()

        assert heard(window, "invite")["key"] == "hesitates"
        expect(launcher_of(window)).to_have_attribute("aria-expanded", "true")
        expect(said).to_be_hidden()
