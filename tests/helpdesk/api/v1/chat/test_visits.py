import pytest
from django.utils import timezone

from helpdesk.chat.attendance import on_the_site
from helpdesk.chat.models import Visit
from helpdesk.core.doorbell import valkey
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
