"""What visitors type, call themselves and send is text and downloads, everywhere.

Rows of SECURITY.md by number: one visitor says the same attack in every place.
"""

import json
import re
import uuid
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from channels_ingest.delivering import deliver_due
from helpdesk.api.sending import send_webhooks_due
from helpdesk.chat.actions.continuing import continue_chats
from helpdesk.chat.attendance import note_arrival, visitor_key
from helpdesk.chat.pages import Page
from inbox.models import Attachment, Conversation
from tests.channels_ingest.adapters.email.mail_server import mail_server
from tests.factories import UserFactory, VisitorFactory, WebchatChannelFactory
from tests.factories.chat import bearer_of
from tests.helpdesk.api.hearing import endpoint_of
from tests.helpdesk.chat.chats import mailbox
from tests.helpdesk.chat.visiting import Browser, answer_in, settle
from tests.security.active import active_content
from tests.security.desk import FRAGMENT, MARKUP, is_dead, opened
from tests.security.hostile import NAMES
from tests.security.test_file_rows import RUNNABLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]

ATTACHED = [*RUNNABLE, *NAMES]
TYPES = ["image/png", "text/html", "image/svg+xml", "application/javascript", "a\r\nb"]
FIELDS = [
    {"name": "name", "label": "Name"},
    {"name": "note", "label": "<b>Note</b>"},
]


@pytest.fixture(autouse=True)
def _own_counters(settings):
    settings.SECRET_KEY = uuid.uuid4().hex


def visitor_saying(said, *, server=None):
    """A visitor who says the same in every place there is, and gets an answer."""
    box = mailbox(server)
    channel = WebchatChannelFactory(
        brand=box.brand,
        chat={
            "form_for": "everybody",
            "form_fields": FIELDS,
            "tracks_visits": True,
            "by_mail": {"minutes": 1},
        },
    )
    browser = Browser(VisitorFactory(channel=channel, customer__name=""))
    told = {
        "name": said,
        "email": "maya@rivera.example",
        "attributes": {said[:60]: said},
    }
    patched = browser._client.patch(
        "/api/v1/chat/me/",
        json.dumps(told),
        content_type="application/json",
        headers={**headers_of(browser), "user-agent": said},
    )
    assert patched.status_code == 200
    conversation = browser.begin(
        said,
        form=[{"name": "name", "value": said}, {"name": "note", "value": said}],
        page={"title": said, "url": f"https://shop.example/?q={said}"},
    )
    below = f"conversations/{conversation.public_id}/"
    assert browser.post(f"{below}rating/", score=1, comment=said).status_code == 204
    visit(channel, browser, said)
    settle()
    return browser, Conversation.objects.get(pk=conversation.pk)


def headers_of(browser):
    return bearer_of(browser.visitor)


def visit(channel, browser, said):
    browser.post(
        f"channels/{channel.address}/visits/",
        visit=str(uuid.uuid4()),
        title=said,
        url="https://shop.example/a'onclick=\"alert(1)",
    )
    page = Page(title=said, url="https://shop.example/")
    note_arrival(
        channel_id=channel.pk,
        key=visitor_key(browser.visitor.pk),
        page=page,
        now=timezone.now(),
    )


class TestRow45MarkupInNamesOfVisitors:
    @pytest.mark.parametrize("said", MARKUP)
    def test_is_text_on_every_page_of_the_desk(self, desk, said):
        _, conversation = visitor_saying(said)
        customer = conversation.customer_id
        pages = [
            opened(conversation),
            reverse("inbox:queue", args=["all"]),
            reverse("visitors:list"),
            reverse("visitors:presence", args=[customer]),
            reverse("customers:detail", args=[customer]),
            reverse("inbox:timeline", args=[conversation.pk]),
        ]

        for url in pages:
            for headers in ({}, FRAGMENT):
                answer = desk.get(url, headers=headers)
                assert answer.status_code == 200, url
                assert is_dead(answer.content.decode()), url

        assert "alert" in desk.get(opened(conversation)).content.decode() or (
            "7*7" in said
        )

    def test_is_text_on_pages_for_admins(self, client):
        said = MARKUP[1]
        visitor_saying(said)
        client.force_login(UserFactory(admin=True))
        index = client.get(reverse("admin:index")).content.decode()
        lists = [it["url"] for it in admin_lists(client)]

        assert lists
        assert is_plain(index)
        for url in lists:
            page = client.get(url).content.decode()
            assert said not in page, url

    @pytest.mark.parametrize("said", MARKUP)
    def test_is_text_in_mails(self, said):
        with mail_server() as server:
            browser, conversation = visitor_saying(said, server=server)
            below = f"conversations/{conversation.public_id}/"
            asked = browser.post(f"{below}transcript/", email="maya@rivera.example")
            answer_in(conversation, agent=UserFactory(), text="It is on its way.")
            continue_chats(now=timezone.now() + timedelta(minutes=9))
            deliver_due(now=timezone.now() + timedelta(minutes=10))

        assert asked.status_code == 202
        assert len(server.mails) == 2
        for sent in server.mails:
            mail = message_from_bytes(sent.content, policy=default)
            html = mail.get_body(("html",)).get_content()
            written = html.partition("<body>")[2].partition("</body>")[0]
            assert written
            assert active_content(written) == [], html
            assert "<" not in said or said not in html
            assert not any(said in str(value) for value in mail.values())

    def test_is_text_in_webhooks(self, site):
        said = MARKUP[0]
        endpoint_of(site)

        visitor_saying(said)
        send_webhooks_due()

        assert site.requests
        for _, _, headers, body in site.requests:
            assert headers["Content-Type"] == "application/json"
            message = json.loads(body)["data"].get("message")
            assert message is None or (message["html"], message["text"]) == ("", said)

    @pytest.mark.parametrize(
        "said",
        [
            {"email": "a@b.example\r\nBcc: victim@people.example"},
            {"email": "a@b.example, victim@people.example"},
            {"email": "victim@people.example>"},
        ],
    )
    def test_no_address_carries_another(self, said):
        browser = Browser()

        answer = browser._client.patch(
            "/api/v1/chat/me/",
            json.dumps(said),
            content_type="application/json",
            headers=headers_of(browser),
        )

        assert answer.status_code == 400
        browser.visitor.refresh_from_db()
        assert browser.visitor.claimed_email == ""

    def test_a_name_is_one_line(self):
        browser, _ = visitor_saying("Maya\r\nBcc: victim@people.example\x00\u2028a")

        browser.visitor.refresh_from_db()
        (line,) = browser.visitor.claimed_name.splitlines()
        assert line.startswith("Maya Bcc: victim@people.example")
        assert "\0" not in line


def admin_lists(client):
    from django.contrib.admin import site as admin_site

    for model in admin_site._registry:
        url = reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        )
        if client.get(url).status_code == 200:
            yield {"url": url}


def is_plain(page):
    return "<script>alert(1)" not in page


class TestRow71FilesOfVisitors:
    @pytest.mark.parametrize("name", ATTACHED, ids=range(len(ATTACHED)))
    def test_are_downloads_for_visitor_and_agent(self, client, name):
        content = RUNNABLE.get(name, RUNNABLE["picture.svg"])
        browser = Browser()
        for kind in ("image/png", "text/html"):
            file = SimpleUploadedFile("a", content, content_type=kind)
            file._name = name  # As a program sends it; ours would clean it.
            assert browser.post_files(file).status_code in (202, 400)
        settle()
        client.force_login(UserFactory())

        for message in browser.messages_everywhere():
            for file in message["files"]:
                links = [file["url"], *desk_links(client)]
                for answer in map(client.get, links):
                    assert is_download(answer)
                assert file["is_image"] is False

    @pytest.mark.parametrize("kind", TYPES, ids=range(len(TYPES)))
    def test_are_what_their_bytes_say(self, client, kind):
        browser = Browser()
        svg = RUNNABLE["picture.svg"]

        answer = browser.post_files(
            SimpleUploadedFile("picture.png", svg, content_type=kind)
        )
        settle()

        assert answer.status_code in (202, 400)
        for file in Attachment.objects.all():
            assert file.content_type not in {"image/png", "image/jpeg", "image/gif"}
        for message in browser.messages_everywhere():
            assert all(is_download(client.get(it["url"])) for it in message["files"])


def desk_links(client):
    """Return what leads agents to the files, as their pages have it."""
    for conversation in Conversation.objects.all():
        page = client.get(opened(conversation)).content.decode()
        found = re.findall(r'(?:href|src)="(/files/[^"]+)"', page)
        assert found
        yield from (it.replace("&amp;", "&") for it in found)


def is_download(answer):
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "\r" not in answer["Content-Disposition"]
    assert "\u202e" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    return "sandbox" in answer["Content-Security-Policy"]
