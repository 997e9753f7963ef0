"""What becomes a file of a mail, and under which name."""

import base64

from channels_ingest.adapters.email.limits import MAX_MESSAGE_DEPTH
from channels_ingest.adapters.email.mime import parse_mail
from tests.channels_ingest.adapters.email.test_calendars import INVITATION
from tests.channels_ingest.adapters.email.test_structure import multipart
from tests.channels_ingest.adapters.email.test_tnef import envelope, file_attributes
from tests.channels_ingest.adapters.email.written_mail import (
    HEAD,
    PICTURE,
    names,
    part,
    read,
)


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
