import pytest

from helpdesk.core.html import linkify


def link(href, text):
    rel = "noopener noreferrer nofollow"
    return f'<a href="{href}" target="_blank" rel="{rel}">{text}</a>'


class TestLinkify:
    def test_escapes_everything_else(self):
        assert linkify("<b>a</b> & \"b\" 'c'") == (
            "&lt;b&gt;a&lt;/b&gt; &amp; &quot;b&quot; &#x27;c&#x27;"
        )

    @pytest.mark.parametrize(
        ("text", "html"),
        [
            (
                "see https://a.example/b.",
                f"see {link('https://a.example/b', 'https://a.example/b')}.",
            ),
            ("(www.a.example)", f"({link('https://www.a.example', 'www.a.example')})"),
            (
                "https://a.example/b_(c)!",
                f"{link('https://a.example/b_(c)', 'https://a.example/b_(c)')}!",
            ),
            ("a@b.example, c", f"{link('mailto:a@b.example', 'a@b.example')}, c"),
            (
                "https://a.example/?b=1&c=2",
                link(
                    "https://a.example/?b=1&amp;c=2", "https://a.example/?b=1&amp;c=2"
                ),
            ),
        ],
    )
    def test_makes_addresses_links(self, text, html):
        assert linkify(text) == html

    @pytest.mark.parametrize(
        "text",
        [
            "javascript:alert(1)",
            "a@b",
            "xhttps://a.example/",
            "www.",
            "x/www.a.example",
        ],
    )
    def test_makes_no_link_of(self, text):
        assert "<a" not in linkify(text)

    def test_cannot_be_broken_out_of(self):
        html = linkify('https://a.example/"onmouseover="alert(1)')

        assert 'onmouseover="' not in html

    def test_keeps_lines_and_columns(self):
        assert linkify("a  b\r\n c\n") == "a\xa0\xa0b<br>\n\xa0c<br>\n"
