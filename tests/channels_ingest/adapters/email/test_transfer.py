import binascii

import pytest

from channels_ingest.adapters.email.defects import Defects
from channels_ingest.adapters.email.transfer import (
    decode_transfer,
    decode_uu,
    transfer_encoding,
)


def decoded(body, encoding):
    defects = Defects()
    return decode_transfer(body, encoding, defects), defects.as_tuple()


class TestTransferEncoding:
    @pytest.mark.parametrize(
        ("declared", "encoding"),
        [
            (b"BASE64", "base64"),
            (b' "quoted-printable" ', "quoted-printable"),
            (b"base64; x=y", "base64"),
            (b"7bit (plain)", "7bit"),
            (b"Quoted_Printable", "quoted-printable"),
            (b"", ""),
        ],
    )
    def test_ignores_what_surrounds_the_name(self, declared, encoding):
        assert transfer_encoding(declared) == encoding


class TestBase64:
    @pytest.mark.parametrize(
        "body",
        [
            b"SGVsbG8gd29ybGQh",
            b"SGVs\r\nbG8g\r\nd29y\r\nbGQh\r\n",
            b"SGVs*bG8g!d29y\x00bGQh",
            b"SGVsbG8=\r\nIHdvcmxkIQ==",
        ],
    )
    def test_is_read_with_junk_breaks_and_several_ends(self, body):
        assert decoded(body, "base64")[0] == b"Hello world!"

    def test_without_padding_is_complete(self):
        assert decoded(b"SGVsbG8", "base64")[0] == b"Hello"

    def test_names_what_it_repaired(self):
        assert decoded(b"SGVsbG8", "base64")[1] == ("Damaged base64 was repaired.",)

    def test_that_is_plainly_text_stays_text(self):
        body = b"Dear team,\r\n\r\nthis is not base64, is it?\r\n"

        content, defects = decoded(body, "base64")

        assert content == body
        assert defects

    def test_in_its_url_safe_form_is_read(self):
        assert decoded(b"_-__", "base64")[0] == b"\xff\xef\xff"


class TestQuotedPrintable:
    @pytest.mark.parametrize(
        ("body", "content"),
        [
            (b"Gr=C3=BC=C3=9Fe=\r\n!", "Grüße!".encode()),
            (b"soft =  \r\nbreak", b"soft break"),
            (b"100 =% sure =ZZ", b"100 =% sure =ZZ"),
            (b"lower =c3=bc", "lower ü".encode()),
            (b"end=", b"end"),
        ],
    )
    def test_is_read_with_its_usual_damage(self, body, content):
        assert decoded(body, "quoted-printable")[0] == content


class TestUuencode:
    def test_is_read_with_trailing_spaces_lost(self):
        content = b"some bytes \x00\x00\x00\x00 and more of them than one line holds"
        lines = [binascii.b2a_uu(content[i : i + 45]) for i in (0, 45)]
        body = b"begin 644 a.bin\n" + b"".join(x.rstrip() + b"\n" for x in lines)

        assert decode_uu(body + b"end\n") == content

    def test_is_none_where_nothing_begins(self):
        assert decode_uu(b"just text") is None

    def test_falls_back_on_the_body(self):
        assert decoded(b"just text", "x-uuencode")[0] == b"just text"


class TestUnknownEncoding:
    def test_leaves_the_body_and_says_so(self):
        assert decoded(b"body", "x-rot13") == (b"body", ("Unknown transfer encoding.",))
