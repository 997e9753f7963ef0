import pytest

from channels_ingest.adapters.email.bounces.first_look import is_surely_no_report

LETTER = b"""From: Maya Lindqvist <maya@customer.example>
Return-Path: <maya@customer.example>
Subject: Where is my parcel
To: help@shop.example
Content-Type: text/plain

"""


def _with(line, *, instead_of=b"Date:"):
    kept = [each for each in LETTER.splitlines() if not each.startswith(instead_of)]
    return b"\n".join([line, *kept, b""])


class TestIsSurelyNoReport:
    def test_is_sure_of_a_plain_letter(self):
        assert is_surely_no_report(LETTER)

    @pytest.mark.parametrize("end", [b"\r\n", b"\r"])
    def test_is_sure_whatever_ends_the_lines(self, end):
        assert is_surely_no_report(LETTER.replace(b"\n", end))

    @pytest.mark.parametrize(
        "author",
        [
            b"maya@customer.example",
            b"<maya@customer.example>",
            b'"Lindqvist, Maya" <maya.l+shop@customer.example>',
            b"Maya\n  Lindqvist <maya@customer.example>",
        ],
    )
    def test_knows_the_usual_ways_to_write_an_author(self, author):
        assert is_surely_no_report(_with(b"From: " + author, instead_of=b"From:"))

    @pytest.mark.parametrize(
        "line",
        [
            b"Return-Path: <>",
            b"Return-Path:",
            b"return-path:\t<MAILER-DAEMON@mx.example>",
            b"Sender: postmaster@mx.example",
            b"FROM: mailer-daemon@mx.example",
            b"From: Mail Delivery System <x@mx.example>",
            b'From: "Mail\n Delivery System" <x@mx.example>',
            b"X-Failed-Recipients: jo@gone.example",
            b"Subject: Undelivered Mail Returned to Sender",
            b"Subject: Mail\n delivery failed",
            b"Content-Type: Multipart/Report; report-type=delivery-status",
        ],
    )
    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_leaves_signs_of_a_report_to_others(self, line, end):
        assert not is_surely_no_report(_with(line).replace(b"\n", end))

    @pytest.mark.parametrize(
        "line",
        [
            b"Subject: =?utf-8?q?Z=C3=BCrich?=",
            b"Subject: Gr\xc3\xbc\xc3\x9fe",
            b"From: Maya (mailer-daemon) maya@customer.example",
            b"From: one@x.example, two@x.example",
            b'From: "Ma\\"ya" <maya@customer.example>',
            b"From: Maya",
            b"Subject: " + b"x" * 2000,
        ],
    )
    def test_is_not_sure_of_what_is_unusual(self, line):
        assert not is_surely_no_report(_with(line))

    def test_looks_at_each_of_several_headers_of_a_name(self):
        assert not is_surely_no_report(LETTER + b"Subject: Delivery failure\n")
