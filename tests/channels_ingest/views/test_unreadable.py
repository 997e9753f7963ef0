import pytest
from django.urls import reverse

from channels_ingest.models import EventState, InboundEvent
from tests.factories import (
    ChannelFactory,
    InboundEventFactory,
    TeamFactory,
    UserFactory,
)
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    agent = UserFactory(lead=True)
    client.force_login(agent)
    return agent


def unreadable(**fields):
    return InboundEventFactory(
        **{
            "state": EventState.QUARANTINED,
            "reason": "Reading it took too long.",
            "attempts": 5,
            **fields,
        }
    )


class TestTray:
    def test_shows_what_it_was_and_why(self, client, lead):
        unreadable(raw=mail_source(subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?="))
        InboundEventFactory(raw=mail_source(subject="This one is fine"))

        page = client.get(reverse("channels:tray")).content.decode()

        assert "Grüße" in page
        assert "maya@people.example" in page
        assert "Reading it took too long." in page
        assert "This one is fine" not in page

    def test_escapes_what_strangers_wrote(self, client, lead):
        unreadable(raw=mail_source(subject="<script>alert(1)</script>"))

        page = client.get(reverse("channels:tray")).content.decode()

        assert "<script>alert" not in page

    def test_is_kept_from_agents(self, client):
        client.force_login(UserFactory())

        assert client.get(reverse("channels:tray")).status_code == 403

    def test_shows_only_channels_that_one_sees(self, client, lead):
        hidden = TeamFactory(is_private=True)
        unreadable(
            channel=ChannelFactory(team=hidden), raw=mail_source(subject="Secret")
        )
        own = TeamFactory(is_private=True, members=[lead])
        unreadable(channel=ChannelFactory(team=own), raw=mail_source(subject="Mine"))

        page = client.get(reverse("channels:tray")).content.decode()

        assert "Secret" not in page
        assert "Mine" in page

    def test_goes_on_over_pages(self, client, lead):
        channel = ChannelFactory()
        for _ in range(30):
            unreadable(channel=channel)

        first = client.get(reverse("channels:tray"))
        second = client.get(reverse("channels:tray") + first.context["next_url"])

        assert len(first.context["events"]) == 25
        assert len(second.context["events"]) == 5
        assert first.context["count"] == "30"

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1e3"])
    def test_takes_no_harm_from_nonsense(self, client, lead, before):
        assert (
            client.get(reverse("channels:tray"), {"before": before}).status_code == 200
        )

    def test_needs_a_fixed_number_of_queries(
        self, client, lead, django_assert_max_num_queries
    ):
        channel = ChannelFactory()
        for _ in range(20):
            unreadable(channel=channel)

        with django_assert_max_num_queries(20):
            client.get(reverse("channels:tray"))

    def test_leads_admins_to_the_books_and_the_lab(self, client, lead):
        assert "links" not in client.get(reverse("channels:tray")).context
        client.force_login(UserFactory(admin=True))

        page = client.get(reverse("channels:tray")).content.decode()

        assert reverse("channels:books") in page
        assert reverse("channels:mail-lab") in page


class TestCount:
    def test_is_the_number_or_nothing(self, client, lead):
        url = reverse("channels:tray-count")
        assert client.get(url).content == b""

        unreadable()

        assert client.get(url).content == b"1"


class TestReplay:
    def test_gives_all_tries_back_and_remembers_who(self, client, lead):
        event = unreadable()

        response = client.post(reverse("channels:replay", args=[event.pk]))

        event.refresh_from_db()
        assert response.url == reverse("channels:tray")
        assert (event.state, event.attempts, event.reason) == (EventState.NEW, 0, "")
        assert event.headers["tray"][0]["what"] == "replayed"
        assert event.headers["tray"][0]["agent"] == lead.pk

    def test_of_what_is_not_in_the_tray_does_nothing(self, client, lead):
        event = InboundEventFactory(state=EventState.DONE)

        response = client.post(reverse("channels:replay", args=[event.pk]))

        assert response.status_code == 404
        event.refresh_from_db()
        assert event.state == EventState.DONE

    def test_of_an_invisible_channel_does_nothing(self, client, lead):
        event = unreadable(channel=ChannelFactory(team=TeamFactory(is_private=True)))

        response = client.post(reverse("channels:replay", args=[event.pk]))

        assert response.status_code == 404
        assert InboundEvent.objects.get().state == EventState.QUARANTINED

    def test_is_no_link(self, client, lead):
        url = reverse("channels:replay", args=[unreadable().pk])

        assert client.get(url).status_code == 405


class TestDiscard:
    def test_keeps_the_bytes_and_the_reason(self, client, lead):
        event = unreadable()

        client.post(reverse("channels:discard", args=[event.pk]))

        event.refresh_from_db()
        assert event.state == EventState.DISCARDED
        assert event.reason == "Reading it took too long."
        assert bytes(event.raw)
        assert event.headers["tray"][0]["what"] == "discarded"

    def test_is_not_for_agents(self, client):
        client.force_login(UserFactory())
        event = unreadable()

        response = client.post(reverse("channels:discard", args=[event.pk]))

        assert response.status_code == 403
