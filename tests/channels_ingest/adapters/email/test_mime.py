import base64
import subprocess
import sys
from datetime import UTC, datetime

from channels_ingest.adapters.email.limits import MAX_TEXT_CHARS
from channels_ingest.adapters.email.mime import parse_mail
from channels_ingest.adapters.email.parsed import Mailbox
from tests.channels_ingest.adapters.email.test_structure import multipart
from tests.channels_ingest.adapters.email.written_mail import (
    HEAD,
    PICTURE,
    names,
    part,
    read,
)


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


class TestModule:
    def test_needs_no_django_in_the_process_that_reads(self):
        program = (
            "import sys, channels_ingest.adapters.email.mime;"
            "sys.exit('django' in sys.modules)"
        )

        assert (
            subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
        )
