import base64
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels_ingest.adapters.email.limits import (
    MAX_HTML_CHARS,
    MAX_MESSAGE_DEPTH,
    MAX_PARTS,
    MAX_TEXT_CHARS,
)
from channels_ingest.adapters.email.mime import parse_mail
from channels_ingest.adapters.email.parsed import Mailbox
from tests.channels_ingest.adapters.email.test_calendars import INVITATION
from tests.channels_ingest.adapters.email.test_structure import multipart
from tests.channels_ingest.adapters.email.test_tnef import envelope, file_attributes

HEAD = "From: Ann Lee <ann@shop.example>\nTo: help@desk.example\nSubject: Parcel\n"
PICTURE = (
    "Content-Type: image/png\nContent-Transfer-Encoding: base64\n{}\n\niVBORw0KGgo="
)


def read(body, head=HEAD):
    raw = head + body
    return parse_mail(raw.encode() if isinstance(raw, str) else raw)


def part(content_type, body, *headers):
    return "\n".join([f"Content-Type: {content_type}", *headers, "", body])


def names(mail):
    return [file.filename for file in mail.attachments]


class TestHeaders:
    def test_of_an_ordinary_mail_are_all_read(self):
        mail = read(
            "Cc: Bob <bob@b.c>, eve@b.c\nReply-To: ann@home.example\n"
            "Sender: robot@shop.example\nMessage-ID: <1@shop.example>\n"
            "In-Reply-To: <0@desk.example>\nReferences: <a@x> <0@desk.example>\n"
            "Date: Tue, 1 Apr 2025 10:00:00 +0000\nList-Id: News <news.shop.example>\n"
            "\nHello\n"
        )

        assert (mail.subject, mail.from_email, mail.from_name) == (
            "Parcel",
            "ann@shop.example",
            "Ann Lee",
        )
        assert mail.to == (Mailbox(name="", email="help@desk.example"),)
        assert [str(box) for box in mail.cc] == ["Bob <bob@b.c>", "eve@b.c"]
        assert mail.reply_to[0].email == "ann@home.example"
        assert mail.sender == Mailbox(name="", email="robot@shop.example")
        assert mail.message_id == "1@shop.example"
        assert mail.in_reply_to == ("0@desk.example",)
        assert mail.references == ("a@x", "0@desk.example")
        assert mail.date == datetime(2025, 4, 1, 10, tzinfo=UTC)
        assert mail.list_id == "News <news.shop.example>"
        assert mail.header("list-id") == "News <news.shop.example>"
        assert mail.header_values("X-Absent") == ()
        assert mail.text == "Hello\n"
        assert mail.html is None
        assert mail.defects == ()

    def test_take_their_charset_from_the_body_if_they_name_none(self):
        raw = (
            "From: Анжела <a@b.c>\nSubject: Счет\n"
            "Content-Type: text/plain; charset=koi8-r\n\nПиши"
        ).encode("koi8-r")

        mail = parse_mail(raw)

        assert (mail.subject, mail.from_name, mail.text) == ("Счет", "Анжела", "Пиши")

    def test_prefer_an_author_with_a_full_address(self):
        mail = read("\nx", 'From: "Long, Name" <>, "Ltd" <ltd@b.c>\n')

        assert (mail.from_name, mail.from_email) == ("Ltd", "ltd@b.c")

    def test_fall_back_on_the_return_path(self):
        mail = read("\nx", "Return-Path: <bounce@b.c>\nSubject: s\n")

        assert mail.from_email == "bounce@b.c"
        assert mail.defects == ("It has no sender.",)


class TestBody:
    def test_of_an_alternative_has_both_forms(self):
        mail = read(
            multipart(
                "a",
                part("text/plain", "plain"),
                part("text/html", "<p>rich</p>"),
                subtype="alternative",
            )
        )

        assert (mail.text, mail.html) == ("plain", "<p>rich</p>")
        assert mail.attachments == ()

    def test_of_html_only_gives_text_too(self):
        mail = read("Content-Type: text/html\n\n<p>Hello</p><p>you</p>")

        assert mail.text == "Hello\n\nyou"

    def test_takes_the_text_if_the_html_shows_nothing(self):
        mail = read(
            multipart(
                "a",
                part("text/plain", "plain"),
                part("text/html", "<html><title>x</title><body><br></body></html>"),
                subtype="alternative",
            )
        )

        assert (mail.text, mail.html) == ("plain", None)

    def test_makes_the_text_from_html_if_the_text_part_is_blank(self):
        mail = read(
            multipart(
                "a",
                part("text/plain", "  \n"),
                part("text/html", "<p>rich</p>"),
                subtype="alternative",
            )
        )

        assert mail.text == "rich"

    def test_is_joined_from_stretches_between_attachments(self):
        mail = read(
            multipart(
                "a",
                part("text/plain", "above"),
                part("application/pdf; name=a.pdf", "%PDF"),
                part("text/plain", "below"),
            )
        )

        assert mail.text == "above\n\nbelow"
        assert names(mail) == ["a.pdf"]

    def test_adds_the_footer_of_a_list_to_both_forms(self):
        body = multipart(
            "b",
            part("text/plain", "plain"),
            part("text/html", "<p>rich</p>"),
            subtype="alternative",
        )

        mail = read(multipart("a", body, part("text/plain", "leave < here")))

        assert mail.text == "plain\n\nleave < here"
        assert mail.html == "<p>rich</p>\n<div>leave &lt; here</div>"

    def test_shows_pictures_where_they_stand_between_texts(self):
        mail = read(
            multipart(
                "a",
                part("text/html", "<p>above</p>"),
                PICTURE.format('Content-Disposition: inline; filename="dot.png"'),
                part("text/html", "<p>below</p>"),
            )
        )

        (picture,) = mail.attachments
        assert f'<img src="cid:{picture.content_id}" alt="dot.png">' in mail.html
        assert mail.html.index("above") < mail.html.index("cid:")
        assert mail.html.index("cid:") < mail.html.index("below")
        assert picture.is_inline

    def test_joins_flowed_lines(self):
        mail = read("Content-Type: text/plain; format=flowed\n\none \ntwo\n")

        assert mail.text == "one two\n"

    def test_reads_html_that_says_it_is_text(self):
        mail = read("\n<!DOCTYPE html>\n<html><body>Hello</body></html>")

        assert mail.html.startswith("<!DOCTYPE")
        assert mail.text == "Hello"

    def test_reads_html_by_the_charset_it_names_itself(self):
        raw = HEAD.encode() + b"Content-Type: text/html\n\n"
        page = '<meta charset="windows-1251"><p>Счет</p>'.encode("cp1251")

        assert parse_mail(raw + page).text == "Счет"

    def test_reads_a_multipart_that_was_encoded_as_a_whole(self):
        inner = multipart("a", part("text/plain", "hello"))
        head, _, content = inner.partition("\n\n")
        encoded = base64.b64encode(content.encode()).decode()

        mail = read(f"{head}\nContent-Transfer-Encoding: base64\n\n{encoded}")

        assert mail.text == "hello"

    def test_of_a_multipart_without_parts_is_a_file_that_can_be_read(self):
        mail = read("Content-Type: multipart/mixed; boundary=a\n\nJust text.\n")

        assert mail.text is None
        assert mail.readable_text == "Just text.\n"
        assert mail.attachments[0].data == b"Just text.\n"

    def test_has_neither_nul_nor_lone_surrogates(self):
        mail = read("Content-Type: text/plain; charset=utf-7\n\na\0b +2D0-c")

        assert mail.text == "ab \ufffdc"

    def test_that_is_very_long_is_cut_and_kept_as_a_file(self):
        body = "0123456789\n" * 500_000

        mail = read("\n" + body)

        assert len(mail.text) == MAX_TEXT_CHARS
        assert mail.attachments[0].data == body.encode()
        assert "A long body was cut; all of it is a file." in mail.defects

    def test_of_signed_mail_is_read_and_the_signature_kept(self):
        mail = read(
            multipart(
                "a",
                part("text/plain", "signed"),
                part("application/pgp-signature", "-----BEGIN"),
                subtype="signed",
            )
        )

        assert mail.text == "signed"
        assert names(mail) == ["signature.asc"]
        assert mail.is_signed
        assert not mail.is_encrypted

    def test_of_encrypted_mail_is_a_file(self):
        mail = read(
            multipart(
                "a",
                part("application/pgp-encrypted", "Version: 1"),
                part("application/octet-stream; name=encrypted.asc", "-----BEGIN"),
                subtype="encrypted",
            )
        )

        assert mail.text is None
        assert names(mail) == ["pgp-version.txt", "encrypted.asc"]
        assert mail.is_encrypted


class TestAttachments:
    def test_are_decoded_under_safe_names(self):
        mail = read(
            multipart(
                "a",
                part("text/plain", "see file"),
                part(
                    "application/octet-stream",
                    "JVBERg==",
                    "Content-Transfer-Encoding: base64",
                    'Content-Disposition: attachment; filename="../\u202efdp.exe"',
                ),
            )
        )

        (file,) = mail.attachments
        assert file.filename == "fdp.exe"
        assert file.original_filename == "../\u202efdp.exe"
        assert file.data == b"%PDF"
        assert not file.is_inline

    def test_shown_by_the_html_are_inline_whatever_they_say(self):
        related = multipart(
            "a",
            part("text/html", '<img src="cid:logo%40x">'),
            PICTURE.format("Content-ID: <logo@x>\nContent-Disposition: attachment"),
            PICTURE.format("Content-Disposition: attachment; filename=photo.png"),
            subtype="related",
        )

        logo, photo = read(related).attachments

        assert (logo.content_id, logo.is_inline, logo.filename) == (
            "logo@x",
            True,
            "image.png",
        )
        assert not photo.is_inline

    def test_of_text_with_a_name_stay_files(self):
        mail = read(
            multipart(
                "a",
                part("text/plain", "see file"),
                part("text/plain; name=notes.txt", "notes"),
                part("text/html", "<p>", "Content-Disposition: attachment"),
            )
        )

        assert mail.text == "see file"
        assert names(mail) == ["notes.txt", "message.html"]

    def test_that_are_the_whole_mail_stay_files(self):
        mail = read("Content-Type: text/csv; name=a.csv\n\n1,2\n")

        assert mail.text is None
        assert names(mail) == ["a.csv"]

    def test_without_names_are_told_apart(self):
        picture = PICTURE.format("Content-Disposition: attachment")

        assert names(read(multipart("a", picture, picture))) == [
            "image.png",
            "image-2.png",
        ]

    def test_that_are_mails_can_be_read_as_such(self):
        inner = "From: bob@b.c\nSubject: Old: news\n\nWhat Bob wrote\n"

        mail = read(multipart("a", part("message/rfc822", inner)))

        (file,) = mail.attachments
        assert file.filename == "Old_ news.eml"
        assert file.message.from_email == "bob@b.c"
        assert file.message.text.strip() == "What Bob wrote"
        assert file.data.startswith(b"From: bob@b.c")

    def test_inside_each_other_are_read_to_a_depth(self):
        raw = (HEAD + "Content-Type: message/rfc822\n\n") * 3000 + HEAD + "\nhi"

        mail, depth = parse_mail(raw.encode()), 0
        while mail is not None:
            depth += 1
            mail = mail.attachments[0].message

        assert depth == MAX_MESSAGE_DEPTH

    def test_in_winmail_dat_are_unpacked(self):
        data = base64.b64encode(envelope(*file_attributes("a.txt", b"content")))

        mail = read(
            multipart(
                "a",
                part("text/plain", "hello"),
                part(
                    "application/ms-tnef; name=winmail.dat",
                    data.decode(),
                    "Content-Transfer-Encoding: base64",
                ),
            )
        )

        assert mail.text == "hello"
        assert [(file.filename, file.data) for file in mail.attachments] == [
            ("a.txt", b"content")
        ]

    def test_that_only_claim_to_be_winmail_dat_are_kept(self):
        mail = read("Content-Type: application/ms-tnef; name=winmail.dat\n\nnothing")

        assert names(mail) == ["winmail.dat"]
        assert mail.defects == ("A winmail.dat could not be unpacked.",)

    def test_that_are_invitations_say_when_and_where(self):
        mail = read(f"Content-Type: text/calendar\n\n{INVITATION}")

        assert mail.text is None
        assert "Where: Main hall" in mail.readable_text
        assert mail.attachments[0].events[0].title == "Visit, with tea"
        assert names(mail) == ["invitation.ics"]

    def test_in_uuencoded_text_are_taken_out(self):
        mail = read("\nSee file\nbegin 644 a.txt\n#86)C\n`\nend\n")

        assert mail.text.strip() == "See file"
        assert [(file.filename, file.data) for file in mail.attachments] == [
            ("a.txt", b"abc")
        ]

    def test_in_the_html_itself_become_inline_files(self):
        encoded = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"
        page = f'<p>Hi</p><img src="data:image/png;base64,{encoded}">'

        mail = read(f"Content-Type: text/html\n\n{page}")

        (file,) = mail.attachments
        assert f'src="cid:{file.content_id}"' in mail.html
        assert file.is_inline
        assert file.data.startswith(b"\x89PNG")


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


class TestModule:
    def test_needs_no_django_in_the_process_that_reads(self):
        program = (
            "import sys, channels_ingest.adapters.email.mime;"
            "sys.exit('django' in sys.modules)"
        )

        assert (
            subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
        )


def check_storable(mail):
    texts = [mail.subject, mail.from_name, mail.from_email, mail.text, mail.html]
    texts += [value for header in mail.headers for value in header]
    texts += [name for file in mail.attachments for name in (file.filename, file.text)]
    for text in filter(None, texts):
        assert "\0" not in text
        text.encode()
    assert all(file.filename for file in mail.attachments)
