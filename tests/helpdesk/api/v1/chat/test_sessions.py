"""Beginning by the API: anonymously, or with a site's word."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from customers.models import Identity
from helpdesk.chat.models import Visitor
from helpdesk.chat.stamps import new_stamp
from helpdesk.core.limits import Limit
from tests.factories import ApiChannelFactory, VisitorFactory, WebchatChannelFactory
from tests.factories.chat import SECRET, bearer_of
from tests.helpdesk.chat.signing import signed_fields, signed_token

pytestmark = pytest.mark.django_db


def post(client, channel, sent=(), **extra):
    return client.post(
        f"/api/v1/chat/channels/{channel.address}/sessions/",
        data=dict(sent),
        content_type="application/json",
        **extra,
    )


def stamp_of(channel, *, age=timedelta(seconds=5)):
    return new_stamp(channel_key=channel.address, now=datetime.now(tz=UTC) - age)


def code_of(response):
    return response.status_code, response.json()["error"]["code"]


class TestAnonymousSession:
    def test_makes_a_visitor_and_a_token_that_works(self, client):
        channel = WebchatChannelFactory()

        response = post(
            client,
            channel,
            {
                "stamp": stamp_of(channel),
                "name": " Maya ",
                "email": "Maya@People.example",
                "language": "pt-BR",
                "attributes": {"cart": 3, "vip": True},
            },
        )

        assert response.status_code == 201
        token = response.json()["token"]
        me = client.get(
            "/api/v1/chat/me/", headers={"authorization": f"Bearer {token}"}
        ).json()
        assert me == response.json()["visitor"]
        assert me["name"] == "Maya"
        assert me["email"] == "maya@people.example"
        assert me["language"] == "pt-br"
        assert me["attributes"] == {"cart": 3, "vip": True}
        assert me["is_known"] is False
        assert me["user_id"] is None

    def test_keeps_only_a_hash_of_the_token(self, client):
        channel = ApiChannelFactory()

        token = post(client, channel).json()["token"]

        visitor = Visitor.objects.get()
        assert token.partition(".")[2] not in visitor.token_hash
        assert len(visitor.token_hash) == 64

    def test_comes_back_with_the_token_it_has(self, client):
        channel = WebchatChannelFactory()
        visitor = VisitorFactory(channel=channel)
        token = bearer_of(visitor)["authorization"].partition(" ")[2]

        response = post(client, channel, {"token": token, "name": "Maya"})

        assert response.status_code == 201
        assert response.json()["token"] == token
        assert Visitor.objects.get().claimed_name == "Maya"

    def test_begins_anew_with_the_token_of_another_channel(self, client):
        channel = ApiChannelFactory()
        elsewhere = VisitorFactory()

        response = post(client, channel, {"token": f"{elsewhere.public_id}.{SECRET}"})

        assert response.json()["visitor"]["id"] != str(elsewhere.public_id)
        assert Visitor.objects.filter(channel=channel).count() == 1

    def test_is_not_for_channels_that_want_known_users_only(self, client):
        channel = ApiChannelFactory(chat={"visitors": {"may_start": False}})

        assert code_of(post(client, channel)) == (403, "sign_in_first")
        assert not Visitor.objects.exists()

    @pytest.mark.parametrize(
        "sent",
        [
            {"email": "not an address"},
            {"email": ["a@b.example"]},
            {"name": {"first": "Maya"}},
            {"attributes": [1]},
            {"attributes": {"nested": {"a": 1}}},
            {"attributes": {"listed": [1]}},
            {"attributes": {"a": "x" * 501}},
            {"attributes": {str(number): 1 for number in range(41)}},
            {"attributes": {"k" * 61: 1}},
        ],
    )
    def test_keeps_nothing_that_is_too_much(self, client, sent):
        channel = ApiChannelFactory()

        response = post(client, channel, sent)

        assert code_of(response) == (400, "invalid")
        assert set(response.json()["error"]["fields"]) == set(sent)
        assert not Visitor.objects.exists()

    def test_takes_what_no_database_takes_out_of_texts(self, client):
        response = post(
            client, ApiChannelFactory(), {"name": "Ma\0ya", "attributes": {"a\0": "\0"}}
        )

        assert response.status_code == 201
        assert response.json()["visitor"]["name"] == "Ma ya"

    @pytest.mark.parametrize("key", ["chat-nobody", "support@shop.example", "x" * 500])
    def test_needs_a_channel_that_there_is(self, client, key):
        response = client.post(
            f"/api/v1/chat/channels/{key}/sessions/", content_type="application/json"
        )

        assert code_of(response) == (404, "not_found")

    def test_needs_a_channel_that_is_in_use(self, client):
        channel = WebchatChannelFactory(is_active=False)

        assert code_of(post(client, channel)) == (404, "not_found")


class TestBotTrap:
    def test_wants_a_stamp_of_the_widget(self, client):
        assert code_of(post(client, WebchatChannelFactory())) == (400, "stamp_invalid")

    def test_takes_no_stamp_of_another_channel(self, client):
        stamp = stamp_of(WebchatChannelFactory())

        response = post(client, WebchatChannelFactory(), {"stamp": stamp})

        assert code_of(response) == (400, "stamp_invalid")

    def test_takes_no_forged_stamp(self, client):
        channel = WebchatChannelFactory()
        forged = f"{channel.address}:{int(time.time() * 1000) - 5000}:AAAA"

        assert code_of(post(client, channel, {"stamp": forged}))[1] == "stamp_invalid"

    @pytest.mark.parametrize(
        ("age", "code"),
        [
            (timedelta(0), "stamp_too_fresh"),
            (timedelta(hours=25), "stamp_expired"),
        ],
    )
    def test_minds_the_age_of_a_stamp(self, client, age, code):
        channel = WebchatChannelFactory()

        with time_machine.travel(datetime.now(tz=UTC), tick=False):
            response = post(client, channel, {"stamp": stamp_of(channel, age=age)})

        assert code_of(response) == (400, code)

    def test_minds_the_field_that_no_person_sees(self, client):
        channel = WebchatChannelFactory()
        sent = {"stamp": stamp_of(channel), "website": "https://spam.example"}

        assert code_of(post(client, channel, sent)) == (400, "not_a_person")

    def test_is_not_for_apps(self, client):
        assert post(client, ApiChannelFactory()).status_code == 201


class TestOrigin:
    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("https://shop.example", 201),
            ("http://shop.example", 201),
            ("http://testserver", 201),
            ("https://shop.example.evil.example", 403),
            ("https://sub.shop.example", 403),
            ("https://shop.example:8443", 403),
            ("https://evilshop.example", 403),
            ("null", 403),
            ("https://", 403),
            ("https://shop.example@evil.example", 403),
        ],
    )
    def test_of_a_browser_is_the_desk_or_an_allowed_site(self, client, origin, status):
        channel = WebchatChannelFactory()

        response = post(
            client, channel, {"stamp": stamp_of(channel)}, headers={"origin": origin}
        )

        assert response.status_code == status
        if status == 403:
            assert code_of(response) == (403, "origin_not_allowed")

    def test_is_nobodys_business_for_an_app(self, client):
        response = post(
            client, ApiChannelFactory(), headers={"origin": "https://a.example"}
        )

        assert response.status_code == 201


class TestKnownSession:
    @pytest.mark.parametrize("form", ["jwt", "hmac"])
    def test_opens_for_whom_the_site_vouches(self, client, form):
        channel = WebchatChannelFactory()
        said = {"name": "Maya Okafor", "email": "maya@people.example"}
        identity = (
            signed_token(**said)
            if form == "jwt"
            else signed_fields(key=channel.address, **said)
        )

        response = post(client, channel, {"identity": identity})

        assert response.status_code == 201
        me = response.json()["visitor"]
        assert (me["is_known"], me["user_id"]) == (True, "42")
        assert me["name"] == "Maya Okafor"

    @pytest.mark.parametrize(
        ("identity", "code"),
        [
            (None, "identity_missing"),
            ("", "identity_missing"),
            ("  ", "identity_missing"),
            ({}, "identity_missing"),
            ({"user_id": "42", "expires_at": 1}, "identity_missing"),
            ({"user_id": "42", "signature": ""}, "identity_missing"),
            ({"user_id": "42", "signature": "00"}, "identity_missing"),
            (4.2, "identity_invalid"),
            (["42"], "identity_invalid"),
            ("42", "identity_invalid"),
            ({"user_id": "42", "expires_at": 1, "signature": "0"}, "identity_invalid"),
        ],
    )
    def test_opens_for_nobody_without_a_signature(self, client, identity, code):
        channel = WebchatChannelFactory()

        response = post(
            client, channel, {"identity": identity, "stamp": stamp_of(channel)}
        )

        assert code_of(response) == (401, code)
        assert not Visitor.objects.exists()
        assert not Identity.objects.exists()

    def test_opens_once_for_each_proof(self, client):
        channel = WebchatChannelFactory()
        token = signed_token()
        post(client, channel, {"identity": token})

        assert code_of(post(client, channel, {"identity": token})) == (
            401,
            "identity_used",
        )
        assert Visitor.objects.count() == 1

    def test_stays_open_when_its_page_is_loaded_again(self, client):
        channel = WebchatChannelFactory()
        proof = signed_token()
        token = post(client, channel, {"identity": proof}).json()["token"]

        again = post(client, channel, {"identity": proof, "token": token})

        assert again.status_code == 201
        assert again.json()["token"] == token

    def test_does_not_say_what_is_wrong_with_a_foreign_signature(self, client):
        channel = WebchatChannelFactory()
        foreign = signed_token(secret="a secret that some other shop has made")

        response = post(client, channel, {"identity": foreign})

        assert code_of(response) == (401, "identity_invalid")
        assert foreign not in response.content.decode()


class TestLimits:
    def test_of_an_address_hold_for_new_visitors(self, client, monkeypatch):
        limit = Limit(name=f"test-{uuid.uuid4()}", count=1, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.sessions.ADDRESS_SESSIONS", limit)
        channel = ApiChannelFactory()
        post(client, channel, REMOTE_ADDR="203.0.113.9")

        refused = post(client, channel, REMOTE_ADDR="203.0.113.9")
        elsewhere = post(client, channel, REMOTE_ADDR="203.0.113.10")

        assert code_of(refused) == (429, "too_many")
        assert int(refused["Retry-After"]) > 0
        assert elsewhere.status_code == 201
        assert Visitor.objects.count() == 2

    def test_of_a_channel_hold_wherever_it_comes_from(self, client, monkeypatch):
        limit = Limit(name=f"test-{uuid.uuid4()}", count=1, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.sessions.CHANNEL_SESSIONS", limit)
        channel = ApiChannelFactory()
        post(client, channel, REMOTE_ADDR="203.0.113.9")

        refused = post(client, channel, REMOTE_ADDR="2001:db8::1")

        assert code_of(refused) == (429, "too_many")
        assert post(client, ApiChannelFactory()).status_code == 201
