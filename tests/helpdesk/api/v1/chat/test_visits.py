from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from helpdesk.chat.attendance import GRACE_SECONDS, last_there, on_the_site
from helpdesk.chat.models import Visit
from helpdesk.core.doorbell import valkey
from helpdesk.core.limits import Limit
from tests.factories.chat import VisitorFactory, WebchatChannelFactory, bearer_of

pytestmark = pytest.mark.django_db

VISIT = "0b7c1e0e-58b5-4f6e-9a43-0f6f3f4a2b11"
TENTS = {"visit": VISIT, "title": "Tents", "url": "https://shop.example/tents?q=1#a"}


@pytest.fixture
def channel():
    for key in valkey().scan_iter("site:*"):
        valkey().delete(key)
    return WebchatChannelFactory()


def look(client, channel, sent=TENTS, **headers):
    return client.post(
        f"/api/v1/chat/channels/{channel.address}/visits/",
        sent,
        content_type="application/json",
        headers=headers,
    )


def leave(client, channel, visit=VISIT, **headers):
    return client.post(
        f"/api/v1/chat/channels/{channel.address}/visits/{visit}/end/",
        headers=headers,
    )


def there(channel):
    return on_the_site([channel.pk], now=timezone.now())


class TestVisits:
    def test_tells_of_somebody_who_has_not_written(self, client, channel):
        response = look(client, channel)
        look(client, channel, TENTS | {"title": "Tents", "url": TENTS["url"]})

        (passer,) = there(channel)
        assert response.status_code == 204
        assert (passer.visitor_id, passer.title) == (None, "Tents")
        assert (passer.url, passer.page_count) == ("https://shop.example/tents", 1)
        assert not Visit.objects.exists()

    def test_counts_pages(self, client, channel):
        look(client, channel)
        look(client, channel, TENTS | {"url": "https://shop.example/boots"})

        assert there(channel)[0].page_count == 2

    def test_knows_whoever_shows_a_token(self, client, channel):
        visitor = VisitorFactory(channel=channel)
        look(client, channel)

        look(client, channel, **bearer_of(visitor))

        (known,) = there(channel)
        assert known.visitor_id == visitor.pk
        assert Visit.objects.get().pages[0]["title"] == "Tents"

    @pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
    def test_notes_nothing_of_whoever_asks_for_that(self, client, channel, header):
        visitor = VisitorFactory(channel=channel)

        response = look(client, channel, **{header: "1"}, **bearer_of(visitor))

        assert response.status_code == 204
        assert not there(channel)
        assert not Visit.objects.exists()

    def test_notes_nothing_where_that_is_off(self, client):
        channel = WebchatChannelFactory(chat={"tracks_visits": False})

        look(client, channel)

        assert not there(channel)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "https://elsewhere.example/"},
            {"url": "javascript:alert(1)"},
            {"url": "https://shop.example/" + "x" * 3000},
            {"url": 7},
            {"visit": "%"},
            {"visit": ["x"]},
        ],
    )
    def test_notes_nothing_that_makes_no_sense(self, client, channel, wrong):
        assert look(client, channel, TENTS | wrong).status_code == 204
        assert not there(channel)

    def test_takes_so_many_a_minute(self, client, channel):
        sent = TENTS | {"visit": "a-flood-of-pages"}
        answers = [look(client, channel, sent).status_code for _ in range(41)]

        assert answers[-1] == 429


class TestVisitEnds:
    def test_and_whoever_has_not_written_is_gone_at_once(self, client, channel):
        look(client, channel)
        look(client, channel, TENTS | {"visit": "another-page"})

        response = leave(client, channel)

        assert response.status_code == 204
        assert response["Access-Control-Allow-Origin"] == "*"
        assert len(there(channel)) == 1

    def test_and_news_of_it_that_come_late_change_nothing(self, client, channel):
        leave(client, channel)

        assert look(client, channel).status_code == 204
        assert not there(channel)

    def test_by_its_name_however_it_is_written(self, client, channel):
        look(client, channel, TENTS | {"visit": VISIT.upper()})

        leave(client, channel, VISIT.upper())

        assert not there(channel)

    def test_and_a_visitor_is_there_for_a_moment_longer(self, client, channel):
        visitor = VisitorFactory(channel=channel)
        look(client, channel, **bearer_of(visitor))
        look(client, channel)

        leave(client, channel, **bearer_of(visitor))

        (known,) = there(channel)
        soon = timezone.now() + timedelta(seconds=GRACE_SECONDS + 1)
        assert known.visitor_id == visitor.pk
        assert not on_the_site([channel.pk], now=soon)
        assert last_there([(visitor.pk, channel.pk)], now=soon) < soon

    def test_and_a_visitor_of_another_channel_ends_nothing_of_theirs(
        self, client, channel
    ):
        visitor = VisitorFactory(channel=channel)
        look(client, channel, **bearer_of(visitor))

        leave(client, WebchatChannelFactory(), **bearer_of(visitor))

        soon = timezone.now() + timedelta(seconds=GRACE_SECONDS + 1)
        assert on_the_site([channel.pk], now=soon)

    def test_for_nobody_else(self, client, channel):
        look(client, channel)

        assert leave(client, channel, "not-that-page").status_code == 204
        assert leave(client, channel, "%25").status_code == 204
        assert leave(client, WebchatChannelFactory()).status_code == 204
        assert len(there(channel)) == 1

    def test_is_heard_from_the_pages_of_the_channel_alone(self, client, channel):
        look(client, channel)

        response = leave(client, channel, origin="https://elsewhere.example")

        assert response.status_code == 403
        assert len(there(channel)) == 1

    def test_takes_a_token_that_is_one(self, client, channel):
        response = leave(client, channel, authorization="Bearer no")

        assert response.status_code == 401

    def test_takes_so_many_a_minute(self, client, channel, monkeypatch):
        limit = Limit(name=f"test-{uuid4()}", count=2, seconds=60)
        monkeypatch.setattr("helpdesk.api.v1.chat.visits.ADDRESS_LEAVES", limit)

        answers = [leave(client, channel).status_code for _ in range(3)]

        assert answers == [204, 204, 429]
