import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.html_text import has_visible_content, html_to_text


class TestHtmlToText:
    @pytest.mark.parametrize(
        ("markup", "text"),
        [
            ("<p>one</p><p>two</p>", "one\n\ntwo"),
            ("<div>one</div><div>two<br>three</div>", "one\ntwo\nthree"),
            ("a  b\n c", "a b c"),
            ("a&nbsp;b &lt;c&gt; &auml;", "a b <c> ä"),
            ("<b>a</b><i> b</i>", "a b"),
            ("x<br><br><br><br>y", "x\n\ny"),
            ("<ul><li>one<li>two</ul>", "- one\n- two"),
            ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
            ("a<hr>b", "a\n---\nb"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            (
                "<blockquote>a<blockquote>b</blockquote></blockquote>c",
                "> a\n>\n> > b\n\nc",
            ),
            ("<style>p{}</style><script>x()</script><title>t</title>a", "a"),
            ("<div style='display: none'>x<div>y</div></div>a", "a"),
            ("<!-- x --><![if !mso]>a<![endif]>", "a"),
            ('<img src="x" alt="Our logo">', "[Our logo]"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("a<p", "a"),
            (
                '<a title="a > b" href="https://x.example/y">here</a>',
                "here <https://x.example/y>",
            ),
            ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
            ('<a href="https://www.x.example">x.example</a>', "x.example"),
            ('<a href="mailto:a@b.c">a@b.c</a>', "a@b.c"),
            ('<a href="javascript:x()">here</a>', "here"),
            ('<a data-href="https://x.example">here</a>', "here"),
            ("zero\u200bwidth", "zerowidth"),
        ],
    )
    def test_shows_what_a_reader_sees(self, markup, text):
        assert html_to_text(markup) == text

    @pytest.mark.parametrize(
        "hostile",
        [
            "<div>" * 100_000,
            "<blockquote>x" * 50_000,
            "<" * 500_000,
            "<!--" * 200_000,
            "<a" * 200_000,
            '<a href="x ' * 50_000,
            "<a x='>" * 100_000,
            "<script>" * 100_000,
            "</a>" * 100_000,
            "<a href=http://x/>a" * 50_000,
            "<img " + "a" * 500_000,
            "<img " + "a=" * 250_000 + ">",
            "<p style='display:none'>" * 30_000,
        ],
    )
    def test_takes_linear_time(self, hostile):
        html_to_text(hostile)

    def test_stops_soon_after_its_limit(self):
        text = html_to_text("<p>0123456789</p>" * 1000, limit=100)

        assert 100 <= len(text) < 130

    @given(st.text(alphabet="<>/!-=\"' abpliv&;#x1\n", max_size=200))
    def test_never_fails(self, markup):
        html_to_text(markup)


class TestHasVisibleContent:
    @pytest.mark.parametrize("markup", ["a", "<p>a</p>", "<img src=x>", "<xmp>a</xmp>"])
    def test_is_true_for_words_and_pictures(self, markup):
        assert has_visible_content(markup)

    @pytest.mark.parametrize(
        "markup",
        ["", "<p>&nbsp;</p>", "<title>t</title><br>", "<style>a</style>", "<!-- a -->"],
    )
    def test_is_false_for_mere_markup(self, markup):
        assert not has_visible_content(markup)
