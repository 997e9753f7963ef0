import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from channels_ingest.delivering import deliver_due
from channels_ingest.drain import drain_all
from helpdesk.accounts.models import User
from helpdesk.demo.models import DemoState, ReceivedMail
from helpdesk.demo.post_office import open_post_office
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Channel, Conversation, TimelineItem

pytestmark = pytest.mark.usefixtures("told", "demo")

LETTER = {
    "name": "Nora Quist",
    "address": "nora@quist.example",
    "to": "support@larchwood.example",
    "subject": "Is the shop open on Monday?",
    "text": "I would come by bike.",
}


def answered(conversation, text):
    """Send an answer of ours through the real outgoing server."""
    Channel.objects.update(undo_seconds=0)
    with open_post_office():
        send_reply(
            conversation_id=conversation.pk,
            author=User.objects.get(email="noor@larchwood.example"),
            writing=Writing(text=text, html=f"<p>{text}</p>"),
            recipients=Recipients(to=[{"name": "", "handle": "nora@quist.example"}]),
        )
        deliver_due()


@pytest.mark.usefixtures("mail_server")
class TestPlay:
    def test_carries_a_letter_to_the_desk_and_the_answer_back(self, client):
        file = SimpleUploadedFile("map.txt", b"left, then right", "text/plain")
        client.post("/demo/write/", {**LETTER, "file": file})
        drain_all()
        conversation = Conversation.objects.get(subject="Is the shop open on Monday?")
        answered(conversation, "We are, from nine.")

        page = client.get("/demo/", {"as": "nora@quist.example"}).content.decode()
        mail = ReceivedMail.objects.get(address="nora@quist.example")
        client.post(f"/demo/mails/{mail.pk}/answer/", {"text": "See you then."})
        drain_all()

        assert "We are, from nine." in page
        last = TimelineItem.objects.filter(conversation=conversation).latest("seq")
        assert last.text == "See you then."
        assert last.payload["why"] == "signed"
        assert conversation.attachment_count == 1

    def test_says_what_is_missing(self, client):
        response = client.post("/demo/write/", {**LETTER, "text": ""})

        assert response.status_code == 422


class TestAnUnreachableServer:
    def test_is_named_on_the_page(self, client, settings):
        settings.SMTP_PORT = 1

        response = client.post("/demo/write/", LETTER)

        assert response.status_code == 422
        assert "did not take it" in response.content.decode()


class TestMailbox:
    def test_answers_204_while_nothing_is_new(self, client):
        newest = ReceivedMail.objects.filter(address="maya@rivera.example").latest("id")
        address = {"as": "maya@rivera.example"}

        nothing = client.get("/demo/mails/", {**address, "after": newest.pk})
        something = client.get("/demo/mails/", {**address, "after": newest.pk - 1})

        assert nothing.status_code == 204
        assert f'id="mail-{newest.pk}"' in something.content.decode()

    def test_shows_html_that_cannot_run(self, client):
        mail = ReceivedMail.objects.create(
            address="a@b.example",
            sender="x",
            reply_to="x",
            message_id="bad@b.example",
            html="<p onclick='x()'>Hi<script>x()</script></p>",
            raw=b"",
        )

        page = client.get(f"/demo/mails/{mail.pk}/html/")

        assert "script" not in page.content.decode()
        assert page["X-Frame-Options"] == "SAMEORIGIN"


class TestVisitors:
    def test_rest_and_write_again(self, client):
        client.post("/demo/visitors/", {"are": "paused"})
        assert DemoState.objects.get().is_paused

        response = client.post("/demo/visitors/", {"are": "writing"})

        assert not DemoState.objects.get().is_paused
        assert [str(each) for each in get_messages(response.wsgi_request)]


class TestOutsideTheDemo:
    @pytest.mark.parametrize("path", ["", "mails/", "mails/1/html/"])
    def test_there_is_no_such_page(self, client, settings, path):
        settings.DEMO = False

        assert client.get(f"/demo/{path}").status_code == 404

    def test_nobody_is_told_a_password(self, client, settings):
        told = client.get("/account/sign-in/").content.decode()
        settings.DEMO = False

        untold = client.get("/account/sign-in/").content.decode()

        assert "tributary-demo" in told
        assert "tributary-demo" not in untold
