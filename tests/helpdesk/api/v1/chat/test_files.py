import time
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from helpdesk.chat.files import file_behind, file_token
from helpdesk.core.files import FileLinkInvalid, sign_file_url, store_file
from inbox.actions.conversations import mark_as_spam
from inbox.models import Attachment, Channel
from tests.factories import UserFactory
from tests.helpdesk.chat.visiting import Browser, answer_in, note_in, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PAGE = b"<script>alert(1)</script>"


def send(browser, name="receipt.pdf", content=b"%PDF-1.7", kind="application/pdf"):
    """Have a visitor send a file; return how the API shows it."""
    file = SimpleUploadedFile(name, content, content_type=kind)
    assert browser.post_files(file).status_code == 202
    settle()
    conversation = Attachment.objects.latest("id").item.conversation
    return browser.messages(conversation)[-1]["files"][-1]


def attach(item, content=PNG, **fields):
    stored = store_file(content)
    return Attachment.objects.create(
        item=item,
        size=stored.size,
        sha256=stored.sha256,
        stored_name=stored.stored_name,
        **{"name": "a.png", "content_type": "image/png", **fields},
    )


class TestFile:
    def test_comes_back_as_it_was_sent(self, browser, client):
        shown = send(browser)

        answer = client.get(shown["url"])

        assert (shown["name"], shown["size"]) == ("receipt.pdf", 8)
        assert b"".join(answer.streaming_content) == b"%PDF-1.7"

    def test_is_a_download_in_which_nothing_runs(self, browser, client):
        shown = send(browser, "page.html", PAGE, "text/html")

        answer = client.get(shown["url"])

        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]

    def test_is_shown_if_it_is_a_picture(self, browser, client):
        shown = send(browser, "a.png", PNG, "image/png")

        answer = client.get(shown["url"])

        assert shown["is_image"] is True
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"].startswith("inline")
        assert "sandbox" in answer["Content-Security-Policy"]

    def test_is_no_picture_because_it_says_so(self, browser, client):
        shown = send(browser, "a.png", PAGE, "image/png")

        answer = client.get(shown["url"])

        assert answer["Content-Disposition"].startswith("attachment")

    def test_is_shown_on_pages_of_other_addresses(self, browser, client):
        answer = client.get(send(browser)["url"])

        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer["Access-Control-Allow-Origin"] == "*"

    def test_whose_bytes_are_gone_is_not_found(self, browser, client):
        shown = send(browser)
        Attachment.objects.update(stored_name="00/00/" + "0" * 32)

        assert client.get(shown["url"]).status_code == 404

    def test_of_an_agent_is_shown_in_the_text(self, browser, client):
        conversation = browser.begin()
        html = '<p>See <img src="cid:pic@desk"></p>'
        item = answer_in(conversation, agent=UserFactory(), html=html)
        file = attach(item, content_id="pic@desk", is_inline=True)

        ours = browser.messages(conversation)[-1]

        assert f"/api/v1/chat/files/{file.public_id}/?token=" in ours["html"]
        assert ours["files"] == []


class TestLink:
    @pytest.mark.parametrize(
        "token", ["", "x", "a.b.c", f"{'0' * 32}.9999999999.{'a' * 43}"]
    )
    def test_cannot_be_made_up(self, browser, client, token):
        path = urlsplit(send(browser)["url"]).path

        assert client.get(path, {"token": token}).status_code == 403

    def test_ends(self, browser):
        file = Attachment.objects.get(public_id=send(browser)["id"])
        token = file_token(browser.visitor, file_id=file.public_id)

        assert file_behind(token, file_id=file.public_id) == file
        with pytest.raises(FileLinkInvalid):
            file_behind(token, file_id=file.public_id, now=time.time() + 2 * 60 * 60)

    def test_is_for_one_file(self, browser, client):
        first, second = send(browser), send(browser)
        token = parse_qs(urlsplit(first["url"]).query)["token"][0]

        answer = client.get(urlsplit(second["url"]).path, {"token": token})

        assert answer.status_code == 403

    def test_made_for_an_agent_opens_nothing_here(self, browser, client):
        shown = send(browser)
        path = urlsplit(shown["url"]).path
        link = sign_file_url(path, file_id=shown["id"], agent_id=1)
        key = parse_qs(urlsplit(link).query)["key"][0]

        assert client.get(path, {"token": key}).status_code == 403

    def test_of_a_visitor_leads_to_their_own_files_only(self, browser):
        other = Browser(channel=browser.visitor.channel)
        file_id = uuid.UUID(send(other)["id"])

        with pytest.raises(FileLinkInvalid):
            file_behind(file_token(browser.visitor, file_id=file_id), file_id=file_id)

    def test_leads_to_no_file_of_a_note(self, browser):
        note = note_in(browser.begin(), agent=UserFactory())
        file_id = attach(note).public_id

        with pytest.raises(FileLinkInvalid):
            file_behind(file_token(browser.visitor, file_id=file_id), file_id=file_id)

    def test_does_not_outlive_what_the_visitor_may_see(self, browser, client):
        shown = send(browser)
        mark_as_spam(
            conversation_id=Attachment.objects.get().item.conversation_id, actor=None
        )

        assert client.get(shown["url"]).status_code == 403

    def test_does_not_outlive_the_channel(self, browser, client):
        shown = send(browser)
        Channel.objects.update(is_active=False)

        assert client.get(shown["url"]).status_code == 403
