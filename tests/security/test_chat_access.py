"""No visitor reads, writes or marks anything of another, whatever id they know."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from helpdesk.chat.models import ChatState
from inbox.models import (
    Attachment,
    Conversation,
    Delivery,
    TimelineItem,
    Visibility,
)
from tests.factories import (
    IdentityFactory,
    UserFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.factories.chat import bearer_of
from tests.helpdesk.chat.visiting import Browser, answer_in, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]

MARKS = {
    "seen": {"seq": 2},
    "delivered": {"seq": 2},
    "typing": {"on": True},
    "end": {},
    "rating": {"score": 1},
    "transcript": {"email": "mallory@evil.example"},
}
SECRET = "My secret order"


@pytest.fixture(autouse=True)
def _own_counters(settings):
    settings.SECRET_KEY = uuid.uuid4().hex


@pytest.fixture
def channel():
    return WebchatChannelFactory()


@pytest.fixture
def maya(channel):
    return Browser(channel=channel, proven="42")


@pytest.fixture
def topic():
    return str(uuid.uuid4())


@pytest.fixture
def hers(maya, topic):
    """Maya's conversation, with an answer and a file."""
    conversation = maya.begin_with(topic, SECRET)
    maya.post_files(
        SimpleUploadedFile("secret.txt", b"secret"),
        conversation=str(conversation.public_id),
    )
    settle()
    answer_in(conversation, agent=UserFactory(), text="A secret answer")
    return conversation


def strangers(channel, maya):
    """Everybody who could hope to be taken for Maya."""
    elsewhere = VisitorFactory(
        channel=WebchatChannelFactory(),
        customer=maya.visitor.identity.customer,
        proven="42",
    )
    namesake = VisitorFactory(
        channel=channel, claimed_name="Maya", claimed_email="maya@rivera.example"
    )
    IdentityFactory(
        customer=maya.visitor.identity.customer, value="maya@rivera.example"
    )
    return {
        "anonymous": VisitorFactory(channel=channel),
        "another user": VisitorFactory(channel=channel, proven="43"),
        "same number at another shop": elsewhere,
        "claims her address": namesake,
        "anonymous, merged into her": VisitorFactory(
            channel=channel, customer=maya.visitor.identity.customer
        ),
    }


WHO = [
    "anonymous",
    "another user",
    "same number at another shop",
    "claims her address",
    "anonymous, merged into her",
]


@pytest.fixture(params=WHO)
def mallory(request, channel, maya, hers):
    return Browser(strangers(channel, maya)[request.param])


def ids_of(conversation):
    """Every id that belongs to a conversation, in every form it could be sent in."""
    items = TimelineItem.objects.filter(conversation=conversation)
    files = Attachment.objects.filter(item__in=items)
    return [
        conversation.public_id,
        conversation.pk,
        uuid.UUID(int=conversation.pk),
        conversation.customer.public_id,
        *(item.public_id for item in items),
        *(file.public_id for file in files),
        *(item.external_id.rpartition(":")[2] for item in items if item.external_id),
    ]


def leaks(answer):
    return "ecret" in answer.content.decode()


class TestReading:
    def test_finds_nothing_in_the_lists(self, mallory):
        for path in ("conversations/", "news/", "me/"):
            answer = mallory.get(path)
            assert answer.status_code == 200
            assert not leaks(answer)
        assert mallory.listed() == []

    def test_finds_nothing_by_any_id_in_a_path(self, mallory, hers):
        for each in ids_of(hers):
            for path in (f"conversations/{each}/", f"conversations/{each}/messages/"):
                answer = mallory.get(path)
                assert answer.status_code == 404, path
                assert not leaks(answer)

    def test_finds_nothing_by_any_id_in_a_query(self, mallory, hers):
        for each in ids_of(hers):
            for path in ("conversations/", "news/"):
                for name in ("conversation", "id", "visitor", "before", "since"):
                    answer = mallory.get(path, **{name: str(each)})
                    assert answer.status_code in (200, 400)
                    assert not leaks(answer)

    def test_opens_no_file(self, mallory, maya, hers):
        for message in maya.messages(hers):
            for file in message["files"]:
                bare = mallory.get(f"files/{file['id']}/")
                foreign = mallory.get(f"files/{file['id']}/", token="x" * 60)
                assert {bare.status_code, foreign.status_code} == {403}


class TestWriting:
    def test_marks_nothing_by_any_id(self, mallory, hers):
        before = (
            ChatState.objects.values().get(pk=hers.pk),
            list(Delivery.objects.order_by("pk").values("state", "seen_at")),
            TimelineItem.objects.count(),
            Conversation.objects.get(pk=hers.pk).status,
        )

        for each in ids_of(hers):
            for word, body in MARKS.items():
                answer = mallory.post(f"conversations/{each}/{word}/", body)
                assert answer.status_code == 404, word

        assert before == (
            ChatState.objects.values().get(pk=hers.pk),
            list(Delivery.objects.order_by("pk").values("state", "seen_at")),
            TimelineItem.objects.count(),
            Conversation.objects.get(pk=hers.pk).status,
        )

    def test_adds_nothing_by_any_id_as_conversation(self, mallory, hers):
        count = hers.items.count()

        for each in ids_of(hers):
            answer = mallory.write("Mallory", conversation=str(each))
            assert answer.status_code in (400, 404)
        settle()

        assert hers.items.count() == count

    def test_adds_nothing_by_any_id_as_topic(self, mallory, maya, hers, topic):
        count = hers.items.count()
        own = f"{maya.visitor.public_id}:{topic}"

        for each in (*ids_of(hers), topic, own, f"chat:{own}"):
            answer = mallory.write("Mallory", topic=str(each))
            assert answer.status_code in (202, 400)
        settle()

        assert hers.items.count() == count

    def test_takes_no_message_back_by_its_client_id(self, mallory, maya, hers):
        client_id = maya.messages(hers)[0]["client_id"]

        mallory.write("Mallory", client_id=client_id)
        settle()

        assert [it["text"] for it in mallory.messages_everywhere()] == ["Mallory"]
        assert maya.messages(hers)[0]["text"] == SECRET

    def test_keeps_nobody_from_writing(self, mallory, maya, hers, topic):
        mallory.write("First", topic=topic)
        settle()

        maya.write("Second", topic=topic)
        settle()

        assert hers.items.order_by("-seq").first().text == "Second"


class TestHeader:
    def test_names_one_visitor_by_their_secret_alone(self, client, maya, hers):
        public_id = maya.visitor.public_id
        for token in (
            str(public_id),
            f"{public_id}.",
            f"{public_id}.x",
            f"{public_id}.{maya.visitor.token_hash}",
            f"{hers.public_id}.x",
            "",
        ):
            answer = client.get(
                "/api/v1/chat/conversations/",
                headers={"authorization": f"Bearer {token}"},
            )
            assert answer.status_code == 401

    def test_is_needed_though_an_agent_is_signed_in(self, client, hers):
        client.force_login(UserFactory(admin=True))

        answer = client.get(f"/api/v1/chat/conversations/{hers.public_id}/")

        assert answer.status_code == 401


class TestTokenOfAVisitor:
    def test_opens_nothing_of_the_agents(self, client, maya, hers):
        headers = bearer_of(maya.visitor)
        for name, args in (
            ("inbox:conversation", [hers.pk]),
            ("inbox:timeline", [hers.pk]),
            ("inbox:queue", ["all"]),
            ("customers:detail", [hers.customer_id]),
            ("visitors:list", []),
            ("admin:index", []),
        ):
            answer = client.get(reverse(name, args=args), headers=headers)
            assert answer.status_code == 302, name
            assert "login" in answer["Location"] or "sign-in" in answer["Location"]

    def test_in_an_address_or_a_cookie_is_no_token(self, client, hers, maya):
        token = bearer_of(maya.visitor)["authorization"].removeprefix("Bearer ")
        path = f"/api/v1/chat/conversations/{hers.public_id}/"
        client.cookies["token"] = token

        for query in (f"?token={token}", f"?authorization=Bearer%20{token}", ""):
            assert client.get(path + query).status_code == 401

    def test_stands_in_no_address_that_we_give_out(self, maya, hers):
        secret = bearer_of(maya.visitor)["authorization"].rpartition(".")[2]
        paths = ("me/", "conversations/", "news/", f"conversations/{hers.public_id}/")
        said = [maya.get(path).content.decode() for path in paths]
        said += [json.dumps(maya.messages(hers))]

        assert not any(secret in text for text in said)


class TestPagesOfOthers:
    @pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST", "DELETE"])
    @pytest.mark.parametrize("path", ["me/", "conversations/", "messages/", "none/"])
    def test_may_ask_but_lend_nothing(self, client, method, path):
        client.force_login(UserFactory(admin=True))

        answer = client.generic(
            method, f"/api/v1/chat/{path}", headers={"origin": "https://evil.example"}
        )

        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
        assert not answer.cookies
        assert method == "OPTIONS" or answer.status_code in (401, 404, 405)


class TestMassAssignment:
    FORBIDDEN = {
        "is_proven": True,
        "is_known": True,
        "identity": 1,
        "identity_id": 1,
        "channel": 1,
        "channel_id": 1,
        "customer": 1,
        "conversation_id": 1,
        "proven_conversation_id": 1,
        "author": 1,
        "agent": 1,
        "direction": "outbound",
        "visibility": "internal",
        "kind": "event",
        "html": "<b>a</b>",
        "subject": "Urgent",
        "state": "seen",
        "token_hash": "",
        "handle": "user:42",
        "scope": "channel:1",
        "proven": True,
    }

    def test_of_a_message_changes_nothing(self, channel, hers):
        eve = Browser(channel=channel)
        before = (eve.visitor.identity_id, eve.visitor.token_hash)
        sent = {**self.FORBIDDEN, "conversation_id": hers.pk, "name": "Maya"}

        conversation = eve.begin("Eve", **sent)

        (item,) = conversation.items.filter(kind="message")
        eve.visitor.refresh_from_db()
        assert conversation.pk != hers.pk
        assert item.is_inbound
        assert (item.visibility, item.html) == (Visibility.PRIVATE, "")
        assert item.agent_id is None
        assert item.identity_id == eve.visitor.identity_id
        assert (eve.visitor.identity_id, eve.visitor.token_hash) == before
        assert not eve.visitor.is_proven

    def test_of_a_mark_or_a_rating_changes_nothing_else(self, maya, hers, channel):
        maya.post(
            f"conversations/{hers.public_id}/rating/",
            {**self.FORBIDDEN, "score": 1, "conversation": 1, "at": "2001-01-01"},
        )

        rated = hers.items.get(payload__name="rated")
        assert set(rated.payload) == {"name", "score", "comment"}
        assert (rated.kind, rated.visibility) == ("event", "internal")
