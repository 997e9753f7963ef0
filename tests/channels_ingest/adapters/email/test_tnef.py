import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.tnef import NotTnef, unpack_tnef

SIGNATURE = struct.pack("<IH", 0x223E9F78, 1)


def attribute(level, name, content, kind=6):
    checksum = sum(content) & 0xFFFF
    head = struct.pack("<BHHI", level, name, kind, len(content))
    return head + content + struct.pack("<H", checksum)


def text_property(key, text):
    raw = text.encode("utf-16-le") + b"\0\0"
    padding = b"\0" * (-len(raw) % 4)
    return struct.pack("<HHII", 31, key, 1, len(raw)) + raw + padding


def binary_property(key, raw):
    return struct.pack("<HHII", 258, key, 1, len(raw)) + raw + b"\0" * (-len(raw) % 4)


def properties(*entries):
    return struct.pack("<I", len(entries)) + b"".join(entries)


def envelope(*attributes):
    return SIGNATURE + b"".join(attributes)


def file_attributes(name, content, *entries):
    return (
        attribute(2, 0x9002, b"\0" * 14),
        attribute(2, 0x8010, name.encode("cp1252") + b"\0"),
        attribute(2, 0x800F, content),
        attribute(2, 0x9005, properties(*entries)),
    )


class TestUnpackTnef:
    def test_finds_files_under_their_long_names(self):
        data = envelope(
            *file_attributes(
                "ANGEBO~1.PDF",
                b"%PDF",
                text_property(0x3707, "Angebot für Köln.pdf"),
                text_property(0x370E, "application/pdf"),
                text_property(0x3712, "<image1@x>"),
            ),
            *file_attributes("second.txt", b"two"),
        )

        first, second = unpack_tnef(data).files

        assert first.name == "Angebot für Köln.pdf"
        assert first.content_type == "application/pdf"
        assert first.content_id == "image1@x"
        assert first.data == b"%PDF"
        assert (second.name, second.data) == ("second.txt", b"two")

    def test_finds_the_text_in_its_code_page(self):
        data = envelope(
            attribute(1, 0x9007, struct.pack("<II", 1251, 0)),
            attribute(1, 0x800C, "Привет".encode("cp1251") + b"\0"),
        )

        assert unpack_tnef(data).text == "Привет"

    def test_finds_text_and_html_among_the_properties(self):
        codepage = struct.pack("<HHI", 3, 0x3FDE, 65001)
        named = struct.pack("<HH16sIII", 3, 0x8001, b"\0" * 16, 0, 7, 9)
        html = "<p>Grüße</p>".encode()
        entries = (
            named,
            codepage,
            text_property(0x1000, "Grüße"),
            binary_property(0x1013, html),
        )

        found = unpack_tnef(envelope(attribute(1, 0x9003, properties(*entries))))

        assert found.text == "Grüße"
        assert found.html == "<p>Grüße</p>"

    def test_keeps_what_came_before_the_damage(self):
        data = envelope(*file_attributes("a.txt", b"content"))

        assert unpack_tnef(data[:-14]).files[0].data == b"content"

    def test_refuses_other_data(self):
        with pytest.raises(NotTnef):
            unpack_tnef(b"PK\x03\x04")

    def test_takes_linear_time(self):
        unpack_tnef(SIGNATURE + struct.pack("<BHHIH", 2, 0x9002, 6, 0, 0) * 500_000)

    def test_does_not_trust_counts(self):
        huge = struct.pack("<IHHI", 0xFFFFFFFF, 0x1003, 0x1000, 0xFFFFFFFF)

        assert unpack_tnef(envelope(attribute(1, 0x9003, huge))).text == ""

    @given(st.binary(max_size=300))
    def test_never_fails_on_damage(self, content):
        unpack_tnef(envelope(attribute(1, 0x9003, content)) + content)
