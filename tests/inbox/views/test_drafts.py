import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inbox.models import Attachment, Draft, Upload
from tests.factories import ConversationFactory, TimelineItemFactory, UserFactory

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def conversation(db):
    return ConversationFactory()


def url_of(conversation, name="draft"):
    return reverse(f"inbox:{name}", args=[conversation.pk])


def file(name="a.txt", content=b"hello", content_type="text/plain"):
    return SimpleUploadedFile(name, content, content_type)


class TestDraft:
    def test_is_kept_and_comes_back(self, part, conversation):
        answer = part.post(
            url_of(conversation),
            {"mode": "reply_all", "html": "<p>Half a sen</p>", "to": "maya@", "cc": ""},
        )
        page = part.get(url_of(conversation, "conversation")).content.decode()

        assert answer.content == b"Saved"
        assert "Half a sen" in page
        assert 'value="maya@"' in page

    def test_is_one_for_each_agent_and_seen_by_nobody_else(self, part, conversation):
        Draft.objects.create(
            conversation=conversation, agent=UserFactory(), text="Somebody else's"
        )

        part.post(url_of(conversation), {"text": "one"})
        part.post(url_of(conversation), {"text": "two"})
        page = part.get(url_of(conversation, "conversation")).content.decode()

        assert Draft.objects.count() == 2
        assert "two" in page
        assert "Somebody else" not in page

    def test_is_sanitised_like_a_message(self, part, conversation):
        part.post(url_of(conversation), {"html": "<p>x<script>y()</script></p>"})

        assert Draft.objects.get().html == "<p>x</p>"

    def test_does_not_come_back_after_the_message_left(self, part, conversation):
        client_id = uuid.uuid4()
        TimelineItemFactory(
            conversation=conversation, outbound=True, client_id=client_id
        )

        answer = part.post(url_of(conversation), {"text": "x", "client_id": client_id})

        assert answer.status_code == 204
        assert not Draft.objects.exists()

    def test_can_be_thrown_away_with_its_files(self, part, conversation):
        part.post(url_of(conversation), {"text": "x"})
        part.post(url_of(conversation, "upload"), {"file": file()})

        part.post(url_of(conversation), {"discard": "1"})

        assert not Draft.objects.exists()
        assert not Upload.objects.exists()


class TestUpload:
    def test_is_stored_under_a_random_name(self, part, conversation, settings):
        answer = part.post(
            url_of(conversation, "upload"), {"file": file("../../etc/x.html")}
        ).json()

        upload = Upload.objects.get()
        assert answer["id"] == str(upload.public_id)
        assert upload.name == "x.html"
        assert "x.html" not in upload.stored_name
        assert (settings.MEDIA_ROOT / upload.stored_name).read_bytes() == b"hello"

    def test_is_shown_in_the_text_only_if_it_is_a_picture(self, part, conversation):
        for name, content in (("a.png", PNG), ("b.png", b"<script>")):
            part.post(
                url_of(conversation, "upload"),
                {"file": file(name, content, "image/png"), "inline": "1"},
            )

        real, fake = Upload.objects.order_by("id")
        assert (real.is_inline, real.content_type) == (True, "image/png")
        assert (fake.is_inline, fake.content_type) == (
            False,
            "application/octet-stream",
        )

    def test_pasted_into_the_text_travels_inside_the_message(self, part, conversation):
        kept = part.post(
            url_of(conversation, "upload"),
            {"file": file("a.png", PNG, "image/png"), "inline": "1"},
        ).json()

        part.post(
            url_of(conversation, "reply"),
            {
                "to": "maya@people.example",
                "html": f'<p>Look <img src="{kept["url"]}" alt="a"></p>',
            },
        )

        attachment = Attachment.objects.get()
        assert attachment.is_inline
        assert f'data-cid="{attachment.content_id}"' in attachment.item.html
        page = part.get(url_of(conversation, "conversation")).content.decode()
        assert reverse("inbox:image", args=[attachment.public_id]) in page

    def test_is_removed_by_its_owner_with_its_bytes(
        self, desk, part, conversation, settings, django_capture_on_commit_callbacks
    ):
        url = url_of(conversation, "upload")
        kept = part.post(url, {"file": file()}).json()
        stored = settings.MEDIA_ROOT / Upload.objects.get().stored_name

        with django_capture_on_commit_callbacks(execute=True):
            answer = desk.delete(f"{url}?id={kept['id']}")

        assert answer.status_code == 204
        assert not Upload.objects.exists()
        assert not stored.exists()

    def test_refuses_what_no_mail_server_takes(self, part, conversation, settings):
        settings.MAIL_MAX_BYTES = 100

        answer = part.post(url_of(conversation, "upload"), {"file": file("a", PNG * 9)})

        assert answer.status_code == 422
        assert "too large" in answer.json()["error"]

    @pytest.mark.parametrize("which", ["", "x", str(uuid.UUID(int=0))])
    def test_removing_what_is_not_there_is_not_found(self, desk, conversation, which):
        url = url_of(conversation, "upload")

        assert desk.delete(f"{url}?id={which}").status_code == 404


class TestMentions:
    def test_are_colleagues_who_may_see_the_conversation(self, part, conversation):
        UserFactory(name="Sam Field")
        UserFactory(name="Bea Blind", sight="assigned")
        UserFactory(name="Lea Left", is_active=False)

        answer = part.get(url_of(conversation, "mentions")).json()

        names = {agent["name"] for agent in answer["agents"]}
        assert names == {"Noor Okafor", "Sam Field"}
