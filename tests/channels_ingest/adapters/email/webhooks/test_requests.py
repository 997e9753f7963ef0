import time

import pytest

from channels_ingest.adapters.email.webhooks.requests import (
    WebhookRequest,
    as_django,
    form_parts,
)


def body(*parts):
    pieces = [f"--cut\r\n{head}\r\n\r\n".encode() + content for head, content in parts]
    return b"\r\n".join(pieces) + b"\r\n--cut--\r\n"


class TestFormParts:
    def test_gives_fields_and_files_byte_for_byte(self):
        content = b"\x00\xff\r\n\r\n--no\r\n"
        disposition = 'Content-Disposition: form-data; name="file"; filename="a b.txt"'
        raw = body(
            ('Content-Disposition: form-data; name="text"', b"words"),
            (f"{disposition}\r\nContent-Type: text/plain", content),
        )

        field, file = form_parts(raw, b"cut")

        assert (field.name, field.filename, field.content) == ("text", None, b"words")
        assert (file.filename, file.content) == ("a b.txt", content)
        assert file.content_type == "text/plain"

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("", "attachment"),
            ("..", "attachment"),
            ("../../etc/passwd", "passwd"),
            ("C:\\\\Users\\\\a.txt", "a.txt"),
            ("grün.txt", "grün.txt"),
        ],
    )
    def test_keeps_a_file_under_a_safe_name(self, name, kept):
        head = f'Content-Disposition: form-data; name="f"; filename="{name}"'

        (file,) = form_parts(body((head, b"x")), b"cut")

        assert file.as_file().name == kept

    @pytest.mark.parametrize(
        "raw", [b"", b"--", b"--cut", b"--cut--", b"--cut\r\n" * 9]
    )
    def test_finds_nothing_in_nothing(self, raw):
        assert list(form_parts(raw, b"cut")) == []
        assert list(form_parts(raw, b"")) == []

    def test_takes_bounded_time(self):
        started = time.process_time()

        list(form_parts(b"\r\n--cut\r\n" * 300_000, b"cut"))
        list(form_parts(b"-" * 3_000_000, b"--"))

        assert time.process_time() - started < 1


class TestAsDjango:
    def test_keeps_address_headers_and_bytes(self):
        request = as_django(
            WebhookRequest(
                url="https://desk.example/hooks/1?a=b",
                headers={"X-One": "1", "Content-Type": "application/json"},
                body=b"{}",
            )
        )

        assert request.build_absolute_uri() == "https://desk.example/hooks/1?a=b"
        assert request.headers["X-One"] == "1"
        assert request.content_type == "application/json"
        assert request.body == b"{}"
