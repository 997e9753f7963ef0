# Words in many scripts.
# ruff: noqa: E501, RUF001
import time

import pytest

from channels_ingest.adapters.email.replies import split_text

BODIES = [
    "",
    "\n",
    "Hello",
    "Hello\r\nthere\r\n",
    "Yes On Mon, May 4, 2026 at 3:59 PM, Maya wrote:\n> Does it?",
    "> One?\nFirst answer\n> Two?\nSecond answer\n-- \nMaya\n",
    "Hello\n" * 20_000 + "On 4 May 2026, Maya wrote:\n> Does it?\n",
]
HOSTILE = [
    "On 5.5.2024 10:00 wrote x y z a b c d:\n",
    "On 5.5.2024 10:00 x y z a b c d:\n",
    "x wrote 1:\n",
    "1 a@b.c wrote 1: \n",
    "a@b.c 1:00:\n",
    "On 1 wrote x:\n",
    "Date: x\ny\n",
    "\n",
    ">\n",
    "> ",
    "a\n",
    "a:\n",
    "From: a\n",
    "From: a@b.c\nDate: 1 May 2024 10:00\n\n",
    "-",
    "- ",
    "-\n",
    "--\n",
    "-- \n",
    "__",
    "_____\n",
    "On 5 May 2024, ",
    "On 5 May 2024,\n",
    "On 5 May 2024 10:00 a@b.c\n",
    "wrote:",
    "wrote:\n",
    "wrote ",
    "x@x.",
    "@",
    "<",
    "< \n",
    "<http://",
    "<http://a\n> b\n",
    "1/1/1 ",
    "2024-01-01 ",
    "2024-01-01 GMT+",
    "2024-01-01 GMT+01:00 \n",
    "Sent from my iPhone\n",
    "Sent from ",
    "Sent from my ",
    "von meinem ",
    "\t",
    " ",
    " \n",
    "  >",
    "A>",
    "```\n",
    "-----Original Message-----\n",
    "---------- Forwarded message ---------\n",
    "Forwarded message:\n",
    "##- reply above\n",
    "reply ",
    "Please reply above this line\n",
    "é:\n",
    "写道：",
    "написал ",
    "\u200b",
    "é",
    "À:\n",
    "[",
    "](",
    "[a](",
    "name <a@b.c> wrote:\n",
    "name <a@b.c> wrote:\n> x\ny\n",
    "On x 1 ",
    "Le 1 Le 1 Le 1",
    "| ",
    "C>\n",
    "On Mon 5 May 2024 at 10:00, x <\n",
    "\r",
    "\r\n",
    "\x00",
    "*",
    "* *",
    "From:From:",
    "a: b: ",
    "From: a To: b Date: c Subject: d ",
    "==--",
    "- - ",
    "-Aa ",
    "-A\n\n",
    "Get ",
    "get outlook ",
    "。",
    "line\n",
    "X. \n",
    "Outlook ios ",
    "outlook",
]


class TestSplitText:
    @pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
    def test_loses_nothing(self, body):
        parts = split_text(body).parts

        assert "".join(part.text for part in parts) == body.replace("\r\n", "\n")

    def test_folds_history_below_the_reply(self):
        split = split_text("Yes.\n\nOn 4 May 2026, Maya wrote:\n\n> Does it?\n")

        assert split.visible == "Yes."
        assert split.quoted == "On 4 May 2026, Maya wrote:\n\n> Does it?"

    def test_folds_history_above_the_reply(self):
        split = split_text("On 4 May 2026, Maya wrote:\n> Does it?\n\nYes.\n")

        assert split.visible == "Yes."
        assert split.quoted == "On 4 May 2026, Maya wrote:\n> Does it?"

    def test_folds_history_in_the_middle_of_the_reply(self):
        body = "Hello Maya,\n\nOn 4 May 2026, Maya wrote:\n> Does it?\n\nYes.\n"

        assert split_text(body).visible == "Hello Maya,\n\nYes."

    def test_keeps_answers_between_quotes_visible(self):
        answered = "> One?\n\nFirst answer\n\n> Two?\n\nSecond answer"

        split = split_text(f"On 4 May 2026, Maya wrote:\n\n{answered}\n")

        assert split.visible == answered

    def test_folds_quotes_below_the_last_answer(self):
        body = "On 4 May 2026, Maya wrote:\n> One?\nFirst\n> Two?\nSecond\n> Bye.\n"

        assert split_text(body).visible == "> One?\nFirst\n> Two?\nSecond"

    def test_folds_quotes_that_nothing_announces(self):
        assert split_text("Yes.\n\n> Does it?\n> Really?\n").visible == "Yes."

    def test_keeps_a_quote_that_opens_the_mail(self):
        body = "> Somebody said this.\n\nAnd I agree."

        assert split_text(body).visible == body

    def test_shows_a_mail_of_nothing_but_a_quote(self):
        assert split_text("> Does it?").visible == "> Does it?"

    def test_shows_nothing_of_a_mail_of_nothing_but_history(self):
        split = split_text("> On 4 May 2026, Maya wrote:\n>\n>> Does it?\n")

        assert split.visible == ""
        assert "Does it?" in split.quoted

    def test_shows_unmarked_history_above_the_reply(self):
        body = "On 4 May 2026, Maya wrote:\n\nDoes it?\n\nYes."

        assert split_text(body).visible == "Does it?\n\nYes."

    def test_knows_initials_before_the_quote_mark(self):
        split = split_text("Yes.\n\nML> Does it?\nML> Really?\n")

        assert split.visible == "Yes."

    def test_rejoins_a_quoted_link_that_was_wrapped(self):
        body = "Yes.\n\nOn 4 May 2026, Maya wrote:\n> See (http://example.com/a\nb/c)\n> there\n"

        assert split_text(body).visible == "Yes."

    def test_leaves_code_between_fences_alone(self):
        body = "Try this:\n\n```\n> echo\n--\n# comment\n####\n```\n\nIt helps."

        assert split_text(body).visible == body

    def test_sees_through_invisible_characters(self):
        body = "Yes.\n\n\u202bOn\u00a04 May 2026, Maya wrote:\u202c\n\nDoes it?"

        assert split_text(body).visible == "Yes."

    def test_keeps_indentation(self):
        body = "Look:\n\n    - one\n    - two"

        assert split_text(body).visible == body


class TestHostileText:
    """Row 44 of the known vulnerabilities: regular expressions that never end."""

    @pytest.mark.parametrize("unit", HOSTILE)
    def test_takes_less_than_a_second_a_megabyte(self, unit):
        text = unit * (1_000_000 // len(unit)) + "\n> quote\n"

        started = time.process_time()
        split_text(text)

        assert time.process_time() - started < 1
