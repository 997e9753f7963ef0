"""Mail made to break the reader, or to keep it busy."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels_ingest.adapters.email.limits import (
    MAX_HTML_CHARS,
    MAX_PARTS,
    MAX_TEXT_CHARS,
)
from channels_ingest.adapters.email.mime import parse_mail
from tests.channels_ingest.adapters.email.test_structure import multipart
from tests.channels_ingest.adapters.email.written_mail import HEAD


def nested(depth):
    heads = (
        f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"
        for i in range(depth)
    )
    return HEAD + "".join(heads) + "\nhi"


HOSTILE = {
    "text": HEAD + "\n" + "hello world\n" * 2_000_000,
    "base64": HEAD + "Content-Transfer-Encoding: base64\n\n"
    + ("QUJD" * 19 + "\n") * 320_000,
    "base64 with many ends": HEAD + "Content-Transfer-Encoding: base64\n\n"
    + "QUI=" * 3_000_000,
    "quoted-printable": HEAD + "Content-Transfer-Encoding: quoted-printable\n\n"
    + "=" * 5_000_000,
    "nested tags": HEAD + "Content-Type: text/html\n\n" + "<div>" * 100_000,
    "nested parts": nested(10_000),
    "nested parts, many lines": nested(40) + "\n--b39x" * 1_000_000,
    "many parts": HEAD + multipart("a", *["x"] * 10_000),
    "delimiters": HEAD + multipart("a") + "--a\n" * 1_000_000,
    "ends": HEAD + multipart("a") + "--a--\n" * 1_000_000,
    "dashes": HEAD + multipart("a") + "--b\n" * 1_000_000,
    "headers": HEAD + "".join(f"X-{i}: v\n" for i in range(100_000)) + "\nhi",
    "header": HEAD + "X-Long: " + "y" * 10_000_000,
    "folded header": HEAD + "X-Long: y" + "\n " * 2_000_000,
    "encoded words": "Subject: " + "=?a?q?" * 40_000 + "\n\n",
    "recipients": HEAD + "Cc: " + '"\\"' * 80_000 + "\nBcc: " + "a@" * 100_000 + "\n\n",
    "references": "References: " + "<a@b>" * 50_000 + "\nMessage-ID: " + "@a" * 99_999,
    "escapes": HEAD + "Content-Type: text/plain; charset=iso-2022-jp\n\n"
    + "\x1b$B" * 500_000,
    "carriage returns": "\r" * 5_000_000,
    "mails in mails": (HEAD + "Content-Type: message/rfc822\n\n") * 2000,
    "wrong boundaries": HEAD + "Content-Type: multipart/mixed; boundary=o\n\n"
    + "--o\nContent-Type: multipart/mixed; boundary=z\n\n--q\n" * 50_000,
    "calendar": HEAD + "Content-Type: text/calendar\n\n" + "BEGIN:VEVENT\n" * 500_000,
    "uuencode": HEAD + "\n" + "begin 644 a\n" * 200_000 + "end\n",
    "data links": HEAD + "Content-Type: text/html\n\n"
    + f"<img src='data:image/png;base64,{'QUJD' * 10}'>" * 20_000,
}  # fmt: skip


class TestHostileMail:
    @pytest.mark.parametrize("shape", HOSTILE)
    def test_is_read_in_bounded_time(self, shape):
        raw = HOSTILE[shape].encode()
        started = time.process_time()

        mail = parse_mail(raw)

        # Linear work takes a fraction of this; anything else takes minutes.
        assert time.process_time() - started < 15
        assert len(mail.attachments) <= MAX_PARTS
        assert len(mail.text or "") <= MAX_TEXT_CHARS
        assert len(mail.html or "") <= MAX_HTML_CHARS

    @pytest.mark.parametrize(
        "shape",
        ["text", "nested parts", "many parts", "headers", "base64 with many ends"],
    )
    def test_says_what_was_cut_or_repaired(self, shape):
        assert parse_mail(HOSTILE[shape].encode()).defects

    @given(st.binary(max_size=600))
    @example(b"")
    @example(b"\n")
    @example(b"Content-Type: multipart/mixed; boundary=\n\n--\n\n----\n")
    @example(
        b"Content-Type: multipart/mixed\nContent-Transfer-Encoding: base64\n\nLS0K"
    )
    def test_is_read_whatever_the_bytes(self, raw):
        check_storable(parse_mail(raw))

    @given(
        st.lists(
            st.sampled_from(
                [
                    b"Content-Type: ",
                    b"multipart/mixed; boundary=a",
                    b"text/plain",
                    b"--a",
                    b"text/html",
                    b"message/rfc822",
                    b"\n",
                    b"\n\n",
                    b"--a--",
                    b"\r\n",
                    b"Content-Transfer-Encoding: base64\n",
                    b"Subject: =?utf-8?b?",
                    b"\x00",
                    b"\xff\xfe",
                    b"<p>",
                    b"; charset=utf-16",
                    b"; charset=utf-7",
                    b" ",
                    b"Content-Disposition: attachment; filename*0*=",
                    b"From: ",
                    b"=?=",
                    b"application/ms-tnef",
                    b"text/calendar",
                    b"\x1b$B",
                    b"multipart/digest",
                ]
            ),
            max_size=40,
        )
    )
    def test_is_read_however_its_pieces_are_thrown_together(self, pieces):
        check_storable(parse_mail(b"".join(pieces)))


def check_storable(mail):
    texts = [mail.subject, mail.from_name, mail.from_email, mail.text, mail.html]
    texts += [value for header in mail.headers for value in header]
    texts += [name for file in mail.attachments for name in (file.filename, file.text)]
    for text in filter(None, texts):
        assert "\0" not in text
        text.encode()
    assert all(file.filename for file in mail.attachments)
