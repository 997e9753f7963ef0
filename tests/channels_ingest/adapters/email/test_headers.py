from channels_ingest.adapters.email.defects import Defects
from channels_ingest.adapters.email.headers import header_text, read_header_block
from channels_ingest.adapters.email.limits import MAX_HEADERS


def read(source):
    defects = Defects()
    headers, start = read_header_block(source, 0, defects)
    return list(headers), source[start:], defects.as_tuple()


class TestReadHeaderBlock:
    def test_unfolds_long_headers(self):
        fields, body, _ = read(b"Subject: one\r\n two\r\nTo: a@b.c\r\n\r\nbody")

        assert fields == [("Subject", b"one two"), ("To", b"a@b.c")]
        assert body == b"body"

    def test_steps_over_what_precedes_the_first_header(self):
        source = (
            b"\xef\xbb\xbf\r\n\nFrom ann Mon Sep 1 2025\n>From x\nTo: a@b.c\n\nbody"
        )

        fields, body, _ = read(source)

        assert fields == [("To", b"a@b.c")]
        assert body == b"body"

    def test_accepts_a_space_before_the_colon(self):
        assert read(b"Subject : hello\n\n")[0] == [("Subject", b"hello")]

    def test_ignores_broken_lines_with_transport_headers_after_them(self):
        source = (
            b"---- forwarded by a gateway ----\n"
            b"Return-Path: <a@b.c>\nReceived: from x\nby y with ESMTP\n"
            b"for z;\nMessage-ID: <1@b.c>\nSubject: s\n\nbody"
        )

        fields, body, defects = read(source)

        assert [name for name, _ in fields] == [
            "Return-Path",
            "Received",
            "Message-ID",
            "Subject",
        ]
        assert body == b"body"
        assert defects == ("A line among the headers was no header.",)

    def test_takes_text_after_the_headers_as_body_without_a_blank_line(self):
        source = b"From: a@b.c\nSubject: s\nHello you,\n\nFrom: quoted@b.c\n"

        fields, body, defects = read(source)

        assert len(fields) == 2
        assert body.startswith(b"Hello you,")
        assert defects

    def test_keeps_quoted_headers_of_a_text_out_of_the_headers(self):
        source = b"From: a@b.c\nSubject: s\nsee below\nFrom: x@y.z\nSubject: old\n"

        fields, body, _ = read(source)

        assert [raw for name, raw in fields if name == "From"] == [b"a@b.c"]
        assert body.startswith(b"see below")

    def test_takes_a_mail_without_headers_as_body(self):
        assert read(b"just some words\n")[1] == b"just some words\n"

    def test_counts_a_line_of_spaces_as_the_end(self):
        assert read(b"To: a@b.c\n  \nHello")[1] == b"Hello"

    def test_reads_on_past_a_line_of_spaces_before_more_headers(self):
        fields, body, _ = read(b"To: a@b.c\n \nX-Mailer: x\n\nHello")

        assert len(fields) == 2
        assert body == b"Hello"

    def test_bounds_their_number(self):
        source = b"".join(b"X-%d: v\n" % i for i in range(100_000)) + b"\nbody"

        fields, body, defects = read(source)

        assert len(fields) == MAX_HEADERS
        assert body == b"body"
        assert f"Only its first {MAX_HEADERS} headers were kept." in defects


class TestHeaderText:
    def test_reads_raw_utf_8(self):
        assert header_text("Grüße".encode()) == "Grüße"

    def test_reads_raw_bytes_by_the_charset_of_the_body(self):
        assert header_text("Счет".encode("cp1251"), "windows-1251") == "Счет"

    def test_reads_words_next_to_raw_bytes(self):
        assert header_text("ü =?utf-8?Q?=C3=A4?=".encode()) == "ü ä"

    def test_has_no_control_characters_even_if_encoded(self):
        assert header_text(b"a\x00b =?utf-8?Q?c=0D=0ABcc:_x=00?=") == "a b c Bcc: x"
