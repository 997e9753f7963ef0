"""A visitor and what is known of them."""

import pytest

from customers.models import Identity
from tests.factories import VisitorFactory, WebchatChannelFactory
from tests.factories.chat import bearer_of

pytestmark = pytest.mark.django_db
ME = "/api/v1/chat/me/"


def patch(client, visitor, sent):
    return client.patch(
        ME, data=sent, content_type="application/json", headers=bearer_of(visitor)
    )


class TestMe:
    def test_says_what_a_known_user_may_do(self, client):
        channel = WebchatChannelFactory(chat={"known": {"may_have_several": False}})
        visitor = VisitorFactory(channel=channel, proven="42")

        me = client.get(ME, headers=bearer_of(visitor)).json()

        assert (me["is_known"], me["user_id"]) == (True, "42")
        assert me["rules"]["may_have_several"] is False

    def test_never_tells_what_is_known_of_the_customer(self, client):
        visitor = VisitorFactory(customer__name="Maya Okafor", customer__notes="Rude")

        answer = client.get(ME, headers=bearer_of(visitor)).content.decode()

        assert "Okafor" not in answer
        assert "Rude" not in answer

    def test_takes_corrections(self, client):
        visitor = VisitorFactory(attributes={"plan": "free"})

        me = patch(
            client,
            visitor,
            {"name": "Maya", "email": "M@People.example", "attributes": {"a": 1}},
        ).json()

        assert (me["name"], me["email"]) == ("Maya", "m@people.example")
        assert me["attributes"] == {"plan": "free", "a": 1}

    def test_takes_a_claim_back(self, client):
        visitor = VisitorFactory(claimed_email="maya@people.example")

        assert patch(client, visitor, {"email": ""}).json()["email"] == ""

    @pytest.mark.parametrize(
        "sent",
        [
            {"id": "00000000-0000-4000-8000-000000000000"},
            {"is_known": True},
            {"is_proven": True},
            {"user_id": "1"},
            {"rules": {"may_start": True}},
            {"token_hash": "0" * 64},
        ],
        ids=repr,
    )
    def test_changes_nothing_else(self, client, sent):
        visitor = VisitorFactory()
        before = client.get(ME, headers=bearer_of(visitor)).json()

        assert patch(client, visitor, sent).json() == before

    def test_counts_attributes_over_all_requests(self, client):
        visitor = VisitorFactory(attributes={str(number): 1 for number in range(40)})

        answer = patch(client, visitor, {"attributes": {"one more": 1}})

        assert answer.status_code == 400
        assert answer.json()["error"]["fields"] == {"attributes": ["too_many"]}

    def test_never_makes_an_address_of_a_claim(self, client):
        patch(client, VisitorFactory(), {"email": "maya@people.example"})

        assert not Identity.objects.filter(kind="email").exists()
