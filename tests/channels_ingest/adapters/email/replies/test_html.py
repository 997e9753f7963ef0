# Markup as mail programs write it.
# ruff: noqa: E501
import time

import pytest

from channels_ingest.adapters.email.replies import split_html

REPLIES = {
    "gmail": '<div dir="ltr">Thanks, it works.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Mon, May 4, 2026 at 3:59 PM Maya &lt;<a href="mailto:maya@example.com">maya@example.com</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">My kettle leaks.</blockquote></div>',
    "gmail-xx": '<div dir="ltr">Thanks, it works.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Xyz abc Maya qqq<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">My kettle leaks.</blockquote></div>',
    "apple": '<html><body>Thanks, it works.<br><div><br><blockquote type="cite"><div>On 4 May 2026, at 15:59, Maya &lt;maya@example.com&gt; wrote:</div><br><div>My kettle leaks.</div></blockquote></div><br></body></html>',
    "apple-de": '<html><body>Thanks, it works.<br><div><br><blockquote type="cite"><div>Am 04.05.2026 um 15:59 schrieb Maya &lt;maya@example.com&gt;:</div><br><div>My kettle leaks.</div></blockquote></div><br></body></html>',
    "outlook365": '<html><body><div class="elementToProof">Thanks, it works.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font><b>Xxx:</b> Maya &lt;maya@example.com&gt;<br><b>Yyy:</b> 2026<br></font><div>&nbsp;</div></div><div>My kettle leaks.</div></body></html>',
    "outlook2016": '<html><body><div class=WordSection1><p class=MsoNormal>Thanks, it works.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal><b>Von:</b> Maya &lt;maya@example.com&gt; <br><b>Gesendet:</b> Montag, 4. Mai 2026 15:59<br><b>An:</b> Desk<br><b>Betreff:</b> Kettle<o:p></o:p></p></div></div><p class=MsoNormal>My kettle leaks.</p></div></body></html>',
    "yahoo": '<div class="ydp1"><div>Thanks, it works.</div></div><div id="yahoo_quoted_123" class="yahoo_quoted"><div><div>On Monday, May 4, 2026 at 3:59 PM, Maya &lt;maya@example.com&gt; wrote:</div><div><br></div><div>My kettle leaks.</div></div></div>',
    "proton": '<div>Thanks, it works.</div><div class="protonmail_quote">------- Original Message -------<br>On Monday, May 4th, 2026 at 3:59 PM, Maya wrote:<br><blockquote class="protonmail_quote" type="cite">My kettle leaks.</blockquote></div>',
    "zoho": '<div>Thanks, it works.</div><div class="zmail_extra"><br><div>---- On Mon, 04 May 2026 15:59:00 +0200 <b>Maya &lt;maya@example.com&gt;</b> wrote ----</div><blockquote>My kettle leaks.</blockquote></div>',
    "gmx": '<html><body><div>Thanks, it works.</div><div name="quote" style="margin:10px; border-left:2px solid #C3D9E5"><div>Gesendet: Montag</div><div>My kettle leaks.</div></div></body></html>',
    "roundcube": '<p>Thanks, it works.</p><p id="reply-intro">Zzz 2026 Maya qqq:</p><blockquote type="cite"><p>My kettle leaks.</p></blockquote>',
    "spark": '<div name="messageBodySection">Thanks, it works.</div><div name="messageReplySection">On 4 May 2026 Maya wrote:<br><blockquote type="cite">My kettle leaks.</blockquote></div>',
    "zimbra": '<div>Thanks, it works.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>Maya<br></div><div>My kettle leaks.</div>',
    "bottom": '<div>On 4 May 2026, at 15:59, Maya &lt;maya@example.com&gt; wrote:</div><blockquote type="cite">My kettle leaks.</blockquote><p>Thanks, it works.</p>',
    "escaped text": 'a &lt;b&gt; &amp; Thanks, it works.<blockquote type="cite">My kettle leaks.</blockquote>',
    "pre": "<pre>Thanks, it works.\n\nOn 4 May 2026 15:59, Maya wrote:\n&gt; My kettle leaks.\n</pre>",
    "img": '<p>Thanks, it works.<img src="cid:a"></p><blockquote type="cite">My kettle leaks.<img src="cid:b"></blockquote>',
    "table": "<table><tr><td>Thanks, it works.</td></tr><tr><td>From: Maya &lt;maya@example.com&gt;<br>Sent: 2026-05-04 15:59<br>To: Desk<br>Subject: Kettle<br><br>My kettle leaks.</td></tr></table>",
    "neo": '<div>Thanks, it works.</div><div id="mail-editor-reference-message-container"><div>Zzz</div><div>My kettle leaks.</div></div>',
}
FORWARD = (
    '<div>FYI<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message'
    " ---------<br>From: Maya &lt;maya@example.com&gt;<br>Date: Mon, May 4, 2026 at 15:59<br>"
    "Subject: Kettle<br>To: Desk<br></div>My kettle leaks.</div></div>"
)


class TestSplitHtml:
    @pytest.mark.parametrize("program", REPLIES)
    def test_parts_reply_and_history(self, program):
        split = split_html(REPLIES[program])

        assert "it works" in split.visible
        assert "kettle leaks" not in split.visible
        assert "kettle leaks" in split.quoted
        assert "it works" not in split.quoted

    @pytest.mark.parametrize("program", REPLIES)
    def test_puts_what_announces_the_history_with_it(self, program):
        split = split_html(REPLIES[program])

        assert not any(word in split.visible for word in ("Maya", "2026", "wrote"))

    @pytest.mark.parametrize("program", REPLIES)
    def test_gives_the_reply_as_text(self, program):
        assert split_html(REPLIES[program]).visible_text.endswith("Thanks, it works.")

    def test_keeps_the_formatting(self):
        split = split_html(
            '<p>It <b>works</b>.</p><blockquote type="cite"><i>Does it?</i></blockquote>'
        )

        assert split.visible == "<p>It <b>works</b>.</p>"
        assert split.quoted == '<blockquote type="cite"><i>Does it?</i></blockquote>'

    def test_keeps_text_escaped(self):
        split = split_html(
            '1 &lt; 2 &amp; <b>3</b><blockquote type="cite">4</blockquote>'
        )

        assert split.visible == "1 &lt; 2 &amp; <b>3</b>"

    def test_keeps_answers_between_quotes_visible(self):
        html = (
            '<div class="gmail_quote"><div class="gmail_attr">On 4 May 2026 Maya wrote:</div>'
            '<blockquote class="gmail_quote">One?</blockquote><div>First answer</div>'
            '<blockquote class="gmail_quote">Two?</blockquote><div>Second answer</div></div>'
        )

        split = split_html(html)

        assert split.visible_text == "> One?\nFirst answer\n> Two?\nSecond answer"
        assert "Maya wrote" in split.quoted

    def test_keeps_pictures_with_the_text_they_stand_in(self):
        split = split_html(REPLIES["img"])

        assert "cid:a" in split.visible
        assert "cid:b" in split.quoted
        assert "cid:b" not in split.visible

    def test_returns_html_without_history_as_it_came(self):
        html = "<P>Hello<br>there"

        split = split_html(html)

        assert (split.visible, split.quoted) == (html, "")

    def test_shows_a_forwarded_message(self):
        assert split_html(FORWARD).visible == FORWARD

    def test_shows_an_indented_paragraph(self):
        html = '<p>List:</p><blockquote style="margin:0 0 0 40px;border:none">Kettle</blockquote>'

        assert split_html(html).visible == html

    def test_folds_a_lone_quote_above_a_disclaimer(self):
        split = split_html(
            "<p>Yes.</p><blockquote>Does it?</blockquote><p>Kettle Ltd.</p>"
        )

        assert split.visible == "<p>Yes.</p><p>Kettle Ltd.</p>"

    @pytest.mark.parametrize(
        "html", ["", "  ", "<", "<!-- -->", "\0", "<p>\0</p>", "\ud800"]
    )
    def test_reads_what_is_hardly_html(self, html):
        assert split_html(html).quoted == ""

    @pytest.mark.parametrize(
        "html",
        [
            "<div>" * 100_000 + "Hello" + "</div>" * 100_000,
            "<blockquote>" * 100_000 + "Hello",
            "<p>Hello</p>" * 400_000,
            "x" * 5_100_000,
        ],
        ids=["deep", "deep quotes", "many tags", "long"],
    )
    def test_shows_all_of_what_is_too_large_or_too_deep(self, html):
        started = time.process_time()
        split = split_html(html)

        assert split.visible == html
        assert time.process_time() - started < 3

    @pytest.mark.parametrize(
        "unit",
        [
            "<blockquote>x</blockquote>y",
            "<div class=gmail_quote>x</div>y",
            "<div class=gmail_quote>" * 300 + "</div>" * 300,
            "<p>a: 1 wrote 1:",
            "<!-- x -->",
            "<b>x</b>",
        ],
    )
    def test_takes_bounded_time_for_hostile_markup(self, unit):
        html = unit * (min(1_000_000 // len(unit), 45_000 // unit.count("<")))

        started = time.process_time()
        split_html(html)

        assert time.process_time() - started < 3
