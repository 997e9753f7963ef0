"""Doors, tokens and limits of the chat API."""

import pytest
from django.urls import reverse

from helpdesk.api.v1.chat import throttling
from helpdesk.core.limits import Limit
from tests.factories import VisitorFactory
from tests.factories.chat import bearer_of

pytestmark = pytest.mark.django_db
ME = "/api/v1/chat/me/"


def error_code(response):
    return response.json()["error"]["code"]


class TestToken:
    def test_opens_what_is_the_visitors(self, client):
        visitor = VisitorFactory(claimed_name="Maya")

        response = client.get(ME, headers=bearer_of(visitor))

        assert response.status_code == 200
        assert response.json()["name"] == "Maya"
        assert response.json()["id"] == str(visitor.public_id)

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "Bearer ",
            "Bearer \xff\xfe",
            "Basic dXNlcjpwYXNz",
            "Bearer 6b9f7f1e-0d0a-4b52-9a37-2f7e3b6f4f55.secret",
            "Bearer " + "a" * 5000,
        ],
    )
    def test_that_is_missing_or_nobodys_opens_nothing(self, client, header):
        VisitorFactory()

        response = client.get(ME, headers={"authorization": header} if header else {})

        assert response.status_code == 401
        assert error_code(response) == "token_invalid"
        assert response["WWW-Authenticate"] == "Bearer"

    def test_with_the_id_of_one_and_the_secret_of_another_opens_nothing(self, client):
        visitor = VisitorFactory()
        stranger = VisitorFactory(token_hash="0" * 64)
        secret = bearer_of(visitor)["authorization"].partition(".")[2]

        response = client.get(
            ME, headers={"authorization": f"Bearer {stranger.public_id}.{secret}"}
        )

        assert response.status_code == 401

    def test_ends_with_its_channel(self, client):
        visitor = VisitorFactory(channel__is_active=False)

        assert client.get(ME, headers=bearer_of(visitor)).status_code == 401

    def test_of_an_agents_session_means_nothing(self, client, django_user_model):
        agent = django_user_model.objects.create_user(
            email="noor@shop.example", name="Noor", password="a long password"
        )
        client.force_login(agent)

        assert client.get(ME).status_code == 401


class TestEveryAnswer:
    def test_may_be_read_by_any_page_that_lends_no_cookies(self, client):
        response = client.get(
            ME, headers={**bearer_of(VisitorFactory()), "origin": "https://a.example"}
        )

        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response
        assert response["Cache-Control"] == "no-store"
        assert not response.cookies

    def test_to_what_was_refused_may_be_read_too(self, client):
        response = client.get(ME, headers={"origin": "https://a.example"})

        assert response["Access-Control-Allow-Origin"] == "*"

    def test_to_a_browser_that_asks_first_needs_no_token(self, client):
        response = client.options(ME, headers={"origin": "https://a.example"})

        assert response.status_code == 204
        assert "Authorization" in response["Access-Control-Allow-Headers"]
        assert "PATCH" in response["Access-Control-Allow-Methods"]

    def test_has_one_shape_for_what_is_not_there(self, client):
        response = client.get("/api/v1/chat/nothing/of/the/kind")

        assert response.status_code == 404
        assert error_code(response) == "not_found"

    def test_says_which_methods_are_not_known(self, client):
        response = client.put(ME, headers=bearer_of(VisitorFactory()))

        assert (response.status_code, error_code(response)) == (
            405,
            "method_not_allowed",
        )


class TestBody:
    @pytest.mark.parametrize("body", ["{", "[]", '"text"', "NaN", "\xff"])
    def test_that_is_no_json_object_is_refused(self, client, body):
        response = client.patch(
            ME,
            data=body,
            content_type="application/json",
            headers=bearer_of(VisitorFactory()),
        )

        assert (response.status_code, error_code(response)) == (400, "not_json")

    def test_of_another_type_is_refused(self, client):
        response = client.patch(
            ME,
            data="name=Maya",
            content_type="application/x-www-form-urlencoded",
            headers=bearer_of(VisitorFactory()),
        )

        assert (response.status_code, error_code(response)) == (415, "unsupported_type")

    def test_that_is_long_is_not_even_read(self, client):
        response = client.patch(
            ME,
            data='{"name": "' + "a" * 70_000 + '"}',
            content_type="application/json",
            headers=bearer_of(VisitorFactory()),
        )

        assert (response.status_code, error_code(response)) == (413, "too_large")


class TestLimits:
    def test_of_an_address_hold_before_the_token_is_looked_at(
        self, client, monkeypatch
    ):
        limit = Limit(name="test-chat-from", count=2, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.views.ADDRESS_REQUESTS", limit)

        answers = [
            client.get(ME, REMOTE_ADDR="203.0.113.7", headers={"authorization": "x"})
            for _ in range(3)
        ]

        assert [it.status_code for it in answers] == [401, 401, 429]
        assert error_code(answers[-1]) == "too_many"
        assert 0 < int(answers[-1]["Retry-After"]) <= 60

    def test_of_one_visitor_leave_the_next_alone(self, client, monkeypatch):
        limit = Limit(name="test-chat-visitor", count=1, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.views.VISITOR_REQUESTS", limit)
        busy, calm = VisitorFactory(), VisitorFactory()

        client.get(ME, headers=bearer_of(busy))

        assert client.get(ME, headers=bearer_of(busy)).status_code == 429
        assert client.get(ME, headers=bearer_of(calm)).status_code == 200

    def test_are_wider_for_an_address_than_for_a_visitor(self):
        assert throttling.ADDRESS_REQUESTS.count > throttling.VISITOR_REQUESTS.count


class TestAddresses:
    def test_stand_below_the_version(self):
        assert reverse("api:chat-me") == ME
