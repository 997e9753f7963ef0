"""A shop whose pages allow next to nothing, and the chat on them."""

import contextlib

from playwright.sync_api import expect

from tests.journeys.browser import WIDE
from tests.journeys.shop import open_shop, set_up_widgets

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
STORED = """async () => [
  Object.keys(localStorage), Object.keys(sessionStorage), document.cookie,
  (await indexedDB.databases()).length, await caches.keys().catch(() => []),
]"""
NOTHING = [[], [], "", 0, []]
"""What somebody's browser has kept: where, and nothing anywhere."""
INVITATION = {
    "key": "hesitates",
    "text": "Is there <b>anything</b> we can help with?",
    "url_contains": "/basket",
    "seconds": 1,
    "attributes": {"basket": "3"},
}


@contextlib.contextmanager
def open_strict_shop(desk):
    """A shop whose pages have the chat, each with settings of its own."""
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
        # For the icon of the shop itself, which Firefox asks for.
        "img-src 'self'; "
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


def customers_of(shop, *, visit):
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
