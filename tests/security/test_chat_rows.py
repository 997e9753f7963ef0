"""Who a visitor says to be, and how often; rows of SECURITY.md by number."""

import io
import json
import logging
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from channels_ingest.models import InboundEvent
from customers.models import Identity, Merge
from helpdesk.api.v1.chat.visits import ADDRESS_PAGES
from helpdesk.chat.attendance import MOST_PRESENT, STAY_SECONDS
from helpdesk.chat.models import Visitor
from helpdesk.core.limits import Limit
from tests.factories import (
    ApiChannelFactory,
    ChannelFactory,
    ConversationFactory,
    IdentityFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.factories.chat import SECRET, bearer_of
from tests.helpdesk.chat.signing import signed_fields, signed_token
from tests.helpdesk.chat.visiting import Browser

pytestmark = pytest.mark.django_db
FOREIGN = "the secret of a shop next door, of course"
TO_MANY = "chat.actions.transcripts.OF_CHANNEL"
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

    @pytest.mark.parametrize("secret", [FOREIGN, None])
    def test_refused_leaves_the_session_that_was_there(self, chat, client, secret):
        before = chat({"name": "Maya"}).json()
        forged = signed_token(
            secret=secret, algorithm="HS256" if secret else "none", sub="43"
        )

        refused = chat({"identity": forged, "token": before["token"], "name": "Eve"})

        headers = {"authorization": f"Bearer {before['token']}"}
        after = client.get("/api/v1/chat/me/", headers=headers)
        assert refused.status_code == 401
        assert after.json() == before["visitor"]

    def test_used_leaves_both_sessions_as_they_were(self, chat, client):
        proof = signed_token()
        known = chat({"identity": proof}).json()
        other = chat({"name": "Eve"}).json()

        refused = chat({"identity": proof, "token": other["token"], "name": "Eva"})

        assert refused.status_code == 401
        for session in (known, other):
            headers = {"authorization": f"Bearer {session['token']}"}
            after = client.get("/api/v1/chat/me/", headers=headers)
            assert after.json() == session["visitor"]

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

    def test_a_flood_keeps_nobody_else_away(self, chat, client, monkeypatch):
        room = Limit(name=f"test-{uuid.uuid4()}", count=4, seconds=60)
        few = Limit(name=f"test-{uuid.uuid4()}", count=2, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.sessions.CHANNEL_SESSIONS", room)
        monkeypatch.setattr("helpdesk.api.v1.chat.sessions.ADDRESS_SESSIONS", few)
        forged = {"identity": signed_token(secret=FOREIGN)}

        flood = [chat(said).status_code for said in ({}, forged) * 6]
        elsewhere = client.post(
            f"/api/v1/chat/channels/{chat.channel.address}/sessions/",
            data={},
            content_type="application/json",
            REMOTE_ADDR="203.0.113.77",
        )

        assert set(flood) == {201, 401, 429}
        assert elsewhere.status_code == 201

    @pytest.mark.parametrize(
        ("method", "path", "sent"),
        [
            ("GET", "me/", None),
            ("PATCH", "me/", {"name": "a"}),
            ("GET", "conversations/", None),
            ("POST", "messages/", {}),
            ("POST", "conversations/{id}/seen/", {"seq": 1}),
            ("POST", "conversations/{id}/delivered/", {"seq": 1}),
            ("POST", "conversations/{id}/typing/", {"on": True}),
            ("POST", "conversations/{id}/rating/", {"score": 5}),
            ("POST", "conversations/{id}/end/", {}),
            ("POST", "conversations/{id}/transcript/", {"email": "a@b.example"}),
            ("GET", "news/", None),
        ],
    )
    def test_one_visitor_is_stopped_wherever_they_flood(
        self, client, monkeypatch, method, path, sent
    ):
        limit = Limit(name=f"test-{uuid.uuid4()}", count=1, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.views.VISITOR_REQUESTS", limit)
        visitor, other = VisitorFactory(), VisitorFactory()
        path = "/api/v1/chat/" + path.format(id=uuid.uuid4())

        def ask(who):
            return client.generic(
                method,
                path,
                json.dumps(sent),
                content_type="application/json",
                headers=bearer_of(who),
            )

        first, again, elsewhere = ask(visitor), ask(visitor), ask(other)

        assert first.status_code != 429
        assert again.status_code == 429
        assert int(again["Retry-After"]) > 0
        assert again.json()["error"]["code"] == "too_many"
        assert elsewhere.status_code != 429

    @pytest.mark.parametrize(
        ("name", "is_with_file"),
        [("VISITOR_MESSAGES", False), ("VISITOR_FILES", True), ("ADDRESS_FILES", True)],
    )
    def test_floods_of_messages_and_files_are_stopped(
        self, own_files, monkeypatch, name, is_with_file
    ):
        limit = Limit(name=f"test-{uuid.uuid4()}", count=2, seconds=60)
        monkeypatch.setattr(f"helpdesk.api.v1.chat.messages.{name}", limit)
        browser = Browser()

        answers = [
            browser.post_files(SimpleUploadedFile("a.txt", b"a"), text="a")
            if is_with_file
            else browser.write("a")
            for _ in range(3)
        ]

        assert [it.status_code for it in answers] == [202, 202, 429]
        assert int(answers[-1]["Retry-After"]) > 0
        assert InboundEvent.objects.count() == 2

    def test_mails_to_typed_addresses_are_few_wherever_they_come_from(
        self, client, monkeypatch
    ):
        for place in ("api.v1.chat.conversations.ADDRESS_TRANSCRIPTS", TO_MANY):
            limit = Limit(name=f"test-{uuid.uuid4()}", count=2, seconds=60)
            monkeypatch.setattr(f"helpdesk.{place}", limit)
            channel = WebchatChannelFactory()
            ChannelFactory(brand=channel.brand)
            answers = []

            for number in range(3):
                browser = Browser(channel=channel)
                path = f"conversations/{browser.begin().public_id}/transcript/"
                answers.append(
                    browser.post(path, email=f"v{number}@{uuid.uuid4()}.example")
                )

            assert [it.status_code for it in answers] == [202, 202, 429]
            assert int(answers[-1]["Retry-After"]) > 0
            monkeypatch.undo()

    def test_floods_of_pages_are_stopped(self, client, monkeypatch):
        limit = Limit(name=f"test-{uuid.uuid4()}", count=2, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.visits.ADDRESS_PAGES", limit)
        channel = WebchatChannelFactory(chat={"tracks_visits": True})

        answers = [
            client.post(
                f"/api/v1/chat/channels/{channel.address}/visits/",
                {"visit": str(uuid.uuid4()), "url": "https://shop.example/"},
                content_type="application/json",
            )
            for _ in range(3)
        ]

        assert [it.status_code for it in answers] == [204, 204, 429]
        assert int(answers[-1]["Retry-After"]) > 0

    def test_one_address_alone_never_fills_the_list_of_who_is_there(self):
        in_a_stay = ADDRESS_PAGES.count * STAY_SECONDS / ADDRESS_PAGES.seconds

        assert in_a_stay < MOST_PRESENT

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
