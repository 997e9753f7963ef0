import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.filenames import safe_filename
from channels_ingest.adapters.email.limits import MAX_FILENAME_BYTES


class TestSafeFilename:
    @pytest.mark.parametrize(
        ("original", "safe"),
        [
            ("report.pdf", "report.pdf"),
            ("Grüße 日本.txt", "Grüße 日本.txt"),
            ("/etc/passwd", "passwd"),
            ("../../x.txt", "x.txt"),
            (r"C:\Users\ann\x.doc", "x.doc"),
            ("Invoice 12/2025.pdf", "Invoice 12_2025.pdf"),
            ("a\x00b\r\nc.txt", "abc.txt"),
            ("annual\u202efdp.exe", "annualfdp.exe"),
            (".htaccess", "_htaccess"),
            ("shell.php. ", "shell.php"),
            ('"quoted"<x>.txt', "_quoted__x_.txt"),
        ],
    )
    def test_keeps_what_is_harmless(self, original, safe):
        assert safe_filename(original, "text/plain", 1) == safe

    @pytest.mark.parametrize(
        ("content_type", "number", "name"),
        [
            ("image/png", 1, "image.png"),
            ("image/png", 2, "image-2.png"),
            ("text/calendar", 1, "invitation.ics"),
            ("message/rfc822", 3, "message-3.eml"),
            ("application/pgp-signature", 1, "signature.asc"),
            ("application/x-never-heard-of", 1, "attachment.bin"),
        ],
    )
    def test_names_the_nameless_after_their_type(self, content_type, number, name):
        assert safe_filename("", content_type, number) == name

    @pytest.mark.parametrize("original", ["..", "/", "   ", "\u202e", "._"])
    def test_names_what_has_nothing_left(self, original):
        assert safe_filename(original, "image/png", 1) == "image.png"

    def test_cuts_a_long_name_before_its_extension(self):
        name = safe_filename("ü" * 500 + ".pdf", "application/pdf", 1)

        assert len(name.encode()) <= MAX_FILENAME_BYTES
        assert name.endswith(".pdf")

    @given(st.text(max_size=400))
    def test_is_always_a_name_that_can_be_saved(self, original):
        name = safe_filename(original, "application/pdf", 1)

        assert name
        assert not set(name) & set('/\\\0\r\n"<>\u202e')
        assert name not in (".", "..")
        assert len(name.encode()) <= MAX_FILENAME_BYTES
