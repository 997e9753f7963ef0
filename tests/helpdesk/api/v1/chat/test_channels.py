"""What everybody may read of a channel."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.chat.stamps import check_stamp
from tests.factories import ApiChannelFactory, TeamFactory, UserFactory
from tests.factories.chat import IDENTITY_SECRET, WebchatChannelFactory

pytestmark = pytest.mark.django_db


def get(client, channel, query="", **extra):
    return client.get(f"/api/v1/chat/channels/{channel.address}/{query}", **extra)


class TestChannel:
    def test_says_how_it_looks_and_what_it_asks(self, client):
        channel = WebchatChannelFactory(
            brand__name="Fern & Fable",
            chat={
                "color": "#336699",
                "notice": "Closed on Monday",
                "greeting": {"en": "Hello", "de": "Guten Tag"},
                "form_for": "visitors",
                "form_fields": [{"name": "order", "label": "Order", "type": "number"}],
                "visitors": {"may_have_several": False},
            },
        )

        shown = get(client, channel, "?language=de-AT").json()

        assert shown["brand"] == "Fern & Fable"
        assert shown["language"] == "de"
        assert shown["greeting"] == "Guten Tag"
        assert shown["notice"] == "Closed on Monday"
        assert shown["theme"]["color"] == "#336699"
        assert shown["form"]["for"] == "visitors"
        assert shown["form"]["fields"][0]["type"] == "number"
        assert shown["rules"]["may_have_several"] is False
        assert shown["hours"] == {
            "is_open": True,
            "changes_at": None,
            "time_zone": "UTC",
            "text": "",
        }
        assert shown["reply_minutes"] is None

    def test_never_tells_a_secret_or_where_it_may_stand(self, client):
        answer = get(client, WebchatChannelFactory()).content.decode()

        assert IDENTITY_SECRET not in answer
        assert "shop.example" not in answer

    def test_gives_out_a_stamp_that_holds_a_moment_later(self, client):
        channel = WebchatChannelFactory()

        stamp = get(client, channel).json()["stamp"]

        later = datetime.now(tz=UTC) + timedelta(seconds=2)
        check_stamp(stamp, channel_key=channel.address, now=later)

    def test_shows_the_people_of_its_team_and_no_address(self, client):
        team = TeamFactory()
        team.members.add(UserFactory(name="Noor Haddad"))
        team.members.add(UserFactory(name="Ben Away", is_available=False))
        team.members.add(UserFactory(name="Gone Since", is_active=False))
        UserFactory(name="Of Another Team")

        answer = get(client, WebchatChannelFactory(team=team))

        assert [it["name"] for it in answer.json()["people"]] == ["Noor", "Ben"]
        assert "@" not in answer.content.decode()

    def test_has_nobody_there_while_no_desk_is_open(self, client):
        UserFactory(is_available=True)

        assert get(client, WebchatChannelFactory()).json()["is_anybody_there"] is False

    def test_is_shown_on_no_foreign_page(self, client):
        response = get(
            client, WebchatChannelFactory(), headers={"origin": "https://evil.example"}
        )

        assert response.status_code == 403
        assert response.json()["error"]["code"] == "origin_not_allowed"

    def test_of_an_app_asks_for_no_page(self, client):
        response = get(
            client, ApiChannelFactory(), headers={"origin": "https://a.example"}
        )

        assert response.json()["kind"] == "api"

    def test_costs_few_queries(self, client, django_assert_max_num_queries):
        channel = WebchatChannelFactory()
        UserFactory.create_batch(3)

        with django_assert_max_num_queries(5):
            get(client, channel)
