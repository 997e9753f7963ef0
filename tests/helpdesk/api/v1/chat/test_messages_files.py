import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inbox.models import Attachment
from tests.factories import WebchatChannelFactory
from tests.helpdesk.chat.visiting import Browser, error_of, journalled, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def file(name="receipt.pdf", content=b"%PDF-1.7", kind="application/pdf"):
    return SimpleUploadedFile(name, content, content_type=kind)


class TestFiles:
    def test_come_with_the_message(self, browser):
        answer = browser.post_files(
            file(), file("a.png", PNG, "image/png"), text="Look"
        )
        settle()

        files = Attachment.objects.order_by("id")
        assert answer.status_code == 202
        assert [(it.name, it.size, it.content_type) for it in files] == [
            ("receipt.pdf", 8, "application/pdf"),
            ("a.png", len(PNG), "image/png"),
        ]

    def test_are_message_enough(self, browser):
        assert browser.post_files(file()).status_code == 202

    def test_keep_bytes_of_any_kind(self, browser):
        content = bytes(range(256)) * 40 + b"\n\r\n--x"
        browser.post_files(file("setup.bin", content, "application/octet-stream"))

        (message,) = journalled()

        assert message.attachments[0].content == content

    def test_may_be_five(self, browser):
        five = browser.post_files(*(file() for _ in range(5)))
        six = browser.post_files(*(file() for _ in range(6)))

        assert five.status_code == 202
        assert (six.status_code, error_of(six)["code"]) == (400, "too_many_files")

    def test_may_not_be_empty(self, browser):
        answer = browser.post_files(file(content=b""), text="Look")

        assert (answer.status_code, error_of(answer)["code"]) == (400, "file_empty")

    def test_may_not_be_larger_than_the_channel_takes(self):
        browser = Browser(channel=WebchatChannelFactory(chat={"file_bytes": 100}))

        fits = browser.post_files(file(content=b"x" * 100))
        answer = browser.post_files(file(content=b"x" * 101))

        assert fits.status_code == 202
        assert (answer.status_code, error_of(answer)["code"]) == (413, "file_too_large")
        assert error_of(answer)["fields"] == {"most": 100}

    @pytest.mark.parametrize(
        "name", ["a.exe", "A.EXE", "bill.pdf.js", "a.exe. ", "a.e\u200bxe", "..lnk"]
    )
    def test_may_not_be_programs(self, browser, name):
        answer = browser.post_files(file(name), text="Open this")

        assert (answer.status_code, error_of(answer)["code"]) == (
            400,
            "file_type_not_taken",
        )
        assert error_of(answer)["message"] == "Programs cannot be sent here."
        assert journalled() == []

    def test_may_be_only_what_the_channel_takes(self):
        chat = {"file_types": ["pdf", "jpg"]}
        browser = Browser(channel=WebchatChannelFactory(chat=chat))

        taken = [browser.post_files(file(it)) for it in ("a.pdf", "B.JPEG")]
        refused = [browser.post_files(file(it)) for it in ("a.txt", "pdf", "jpg.zip")]

        assert [it.status_code for it in taken] == [202, 202]
        assert {error_of(it)["code"] for it in refused} == {"file_type_not_taken"}
        words = "Only these files can be sent here: pdf, jpg."
        assert error_of(refused[0])["message"] == words

    def test_may_not_come_where_none_are_taken(self):
        browser = Browser(channel=WebchatChannelFactory(chat={"file_bytes": 0}))

        answer = browser.post_files(file(), text="Look")

        assert error_of(answer)["code"] == "files_not_taken"

    def test_may_not_be_larger_than_one_message_together(self, browser):
        channel = WebchatChannelFactory(chat={"file_bytes": 20 << 20})
        browser = Browser(channel=channel)

        answer = browser.post_files(*(file(content=b"x" * (9 << 20)) for _ in range(3)))

        assert answer.status_code == 413

    @pytest.mark.parametrize("name", ["../../etc/passwd", "a\u202egpj.doc", "con", ""])
    def test_get_a_name_that_is_safe(self, browser, name):
        browser.post_files(file(name or "x", b"x", "text/plain"), text="Look")
        settle()

        kept = Attachment.objects.get().name
        assert "/" not in kept
        assert "\u202e" not in kept
        assert kept
