"""Who a visitor says to be, and how often; rows of SECURITY.md by number."""

import io
import logging
import uuid

import pytest

from customers.models import Identity, Merge
from helpdesk.chat.models import Visitor
from helpdesk.core.limits import Limit
from tests.factories import (
    ApiChannelFactory,
    ConversationFactory,
    IdentityFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.factories.chat import SECRET, bearer_of
from tests.helpdesk.chat.signing import signed_fields, signed_token

pytestmark = pytest.mark.django_db
FOREIGN = "the secret of a shop next door, of course"
CODES = {"identity_missing", "identity_invalid", "identity_expired", "identity_used"}


@pytest.fixture
def maya():
    """The user that somebody wants to be, with a history by mail."""
    identity = IdentityFactory(value="maya@people.example", customer__name="Maya")
    ConversationFactory(identity=identity)
    return identity


@pytest.fixture
def chat(client):
    channel = ApiChannelFactory()

    def post(sent, channel=channel):
        return client.post(
            f"/api/v1/chat/channels/{channel.address}/sessions/",
            data=sent,
            content_type="application/json",
        )

    post.channel = channel
    return post


class TestRow46IdentityWithoutProof:
    def said(self, **changed):
        return {"user_id": "42", "email": "maya@people.example", **changed}

    def refused(self, answer):
        assert answer.status_code == 401
        assert set(answer.json()) == {"error"}
        assert answer.json()["error"]["code"] in CODES
        assert not Visitor.objects.exists()
        assert not Merge.objects.exists()
        assert not Identity.objects.filter(kind="chat").exists()

    def test_missing_opens_nothing(self, chat, maya):
        self.refused(chat({"identity": self.said()}))

    @pytest.mark.parametrize("blank", ["", " ", None])
    def test_blank_opens_nothing(self, chat, maya, blank):
        self.refused(chat({"identity": self.said(signature=blank, expires_at=1)}))
        self.refused(chat({"identity": blank}))

    @pytest.mark.parametrize("wrong", ["0" * 64, "true", True, 0, [], {}])
    def test_wrong_opens_nothing(self, chat, maya, wrong):
        good = signed_fields(key=chat.channel.address, email="maya@people.example")

        self.refused(chat({"identity": {**good, "signature": wrong}}))

    def test_of_another_channels_key_opens_nothing(self, chat, maya):
        other = WebchatChannelFactory(chat={"identity_secrets": [FOREIGN]})

        self.refused(chat({"identity": signed_token(secret=FOREIGN)}))
        self.refused(
            chat({"identity": signed_fields(key=other.address, secret=FOREIGN)})
        )
        # The same secret, signed for the other one.
        self.refused(chat({"identity": signed_fields(key=other.address)}))
        self.refused(chat({"identity": signed_token(aud=other.address)}))

    def test_stale_opens_nothing(self, chat, maya):
        key = chat.channel.address

        self.refused(chat({"identity": signed_token(seconds=-120)}))
        self.refused(chat({"identity": signed_fields(key=key, seconds=-120)}))

    def test_unsigned_opens_nothing(self, chat, maya):
        self.refused(chat({"identity": signed_token(secret=None, algorithm="none")}))

    def test_replayed_opens_nothing_more(self, chat):
        stolen = signed_token()
        first = chat({"identity": stolen})

        again = chat({"identity": stolen})

        assert first.status_code == 201
        assert again.status_code == 401
        assert again.json()["error"]["code"] == "identity_used"
        assert Visitor.objects.count() == 1

    def test_a_claim_opens_nothing(self, chat, client, maya):
        token = chat({"name": "Maya", "email": maya.value}).json()["token"]
        headers = {"authorization": f"Bearer {token}"}
        client.patch(
            "/api/v1/chat/me/",
            data={
                "email": maya.value,
                "user_id": "42",
                "is_known": True,
                "is_proven": True,
                "identity": maya.pk,
            },
            content_type="application/json",
            headers=headers,
        )

        me = client.get("/api/v1/chat/me/", headers=headers).json()
        listed = client.get("/api/v1/chat/conversations/", headers=headers).json()

        assert (me["is_known"], me["user_id"]) == (False, None)
        assert listed["results"] == []
        assert not Merge.objects.exists()

    def test_one_visitors_token_opens_nobody_else(self, chat, client):
        victim, attacker = VisitorFactory(claimed_name="Maya"), VisitorFactory()
        mixed = f"{victim.public_id}.{SECRET}x"

        stolen = client.get(
            "/api/v1/chat/me/", headers={"authorization": f"Bearer {mixed}"}
        )
        own = client.get(
            f"/api/v1/chat/me/?id={victim.public_id}&visitor={victim.pk}",
            headers=bearer_of(attacker),
        )

        assert stolen.status_code == 401
        assert own.json()["id"] == str(attacker.public_id)


class TestRow72WidgetWithoutLimits:
    def test_floods_of_sessions_are_stopped(self, chat, monkeypatch):
        limit = Limit(name=f"test-{uuid.uuid4()}", count=5, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.sessions.ADDRESS_SESSIONS", limit)

        answers = [chat({}) for _ in range(12)]

        assert [it.status_code for it in answers] == [201] * 5 + [429] * 7
        assert Visitor.objects.count() == 5

    def test_floods_of_anything_are_stopped(self, client, monkeypatch):
        limit = Limit(name=f"test-{uuid.uuid4()}", count=3, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.views.ADDRESS_REQUESTS", limit)
        paths = ("me/", "conversations/", "news/", "nothing/", "channels/x/")

        answers = [client.get(f"/api/v1/chat/{path}") for path in paths]

        assert [it.status_code for it in answers][3:] == [429, 429]
        assert all("Retry-After" in it for it in answers[3:])

    @pytest.mark.parametrize("path", ["channels//sessions/", "channels/sessions/"])
    def test_no_channel_is_no_way_around_its_domains(self, client, path):
        answer = client.post(
            f"/api/v1/chat/{path}",
            data={},
            content_type="application/json",
            headers={"origin": "https://evil.example"},
        )

        assert answer.status_code in {404, 405}
        assert not Visitor.objects.exists()

    def test_a_foreign_page_begins_nothing(self, client):
        channel = WebchatChannelFactory()

        answer = client.post(
            f"/api/v1/chat/channels/{channel.address}/sessions/",
            data={"identity": signed_token()},
            content_type="application/json",
            headers={"origin": "https://evil.example"},
        )

        assert answer.json()["error"]["code"] == "origin_not_allowed"
        assert not Visitor.objects.exists()

    def test_nothing_that_proves_somebody_is_logged(self, chat, client):
        lines = io.StringIO()
        handler = logging.StreamHandler(lines)
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        proof, forged = signed_token(), signed_token(secret=FOREIGN)
        try:
            token = chat({"identity": proof}).json()["token"]
            chat({"identity": forged})
            headers = {"authorization": f"Bearer {token}"}
            client.get("/api/v1/chat/me/", headers=headers)
            client.get("/api/v1/chat/me/", headers={"authorization": f"{token}x"})
        finally:
            root.removeHandler(handler)
            root.setLevel(level)

        logged = lines.getvalue()
        assert "api:chat-sessions" in logged
        for secret in (proof, forged, token, token.partition(".")[2]):
            assert secret not in logged
