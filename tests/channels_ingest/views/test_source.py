import pytest
from django.urls import reverse

from channels_ingest.models import EventState
from tests.factories import (
    ConversationFactory,
    InboundEventFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db

HOSTILE = mail_source(subject="<script>alert(1)</script>", text="</pre><b>bold</b>")


def item_from(raw, **conversation):
    event = InboundEventFactory(raw=raw, state=EventState.DONE)
    return TimelineItemFactory(
        conversation=ConversationFactory(channel=event.channel, **conversation),
        detail__journal_id=event.pk,
    )


class TestItemSource:
    def test_shows_the_source_and_never_as_markup(self, client):
        client.force_login(UserFactory())
        item = item_from(HOSTILE)

        page = client.get(reverse("channels:item-source", args=[item.pk]))

        text = page.content.decode()
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert(1)" not in text
        assert "</pre><b>bold" not in text

    def test_downloads_the_exact_bytes_so_that_no_browser_runs_them(self, client):
        client.force_login(UserFactory())
        raw = HOSTILE + bytes(range(256))
        item = item_from(raw)

        answer = client.get(reverse("channels:item-source", args=[item.pk]) + "?raw")

        assert answer.content == raw
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment")

    def test_is_not_there_for_who_does_not_see_the_conversation(self, client):
        client.force_login(UserFactory())
        item = item_from(HOSTILE, team=TeamFactory(is_private=True))

        answer = client.get(reverse("channels:item-source", args=[item.pk]))

        assert answer.status_code == 404

    def test_is_not_for_viewers(self, client):
        client.force_login(UserFactory(viewer=True))
        item = item_from(HOSTILE)

        answer = client.get(reverse("channels:item-source", args=[item.pk]))

        assert answer.status_code == 403

    def test_of_what_we_wrote_is_not_there(self, client):
        client.force_login(UserFactory())
        item = TimelineItemFactory(outbound=True)

        answer = client.get(reverse("channels:item-source", args=[item.pk]))

        assert answer.status_code == 404


class TestItemHeaders:
    def test_shows_each_header_as_it_came(self, client):
        client.force_login(UserFactory())
        item = item_from(mail_source(headers=[("X-Odd", "a\n\tb")]))

        page = client.get(reverse("channels:item-headers", args=[item.pk]))

        assert ("X-Odd", "a b") in page.context["headers"]


class TestEventSource:
    def test_is_for_those_who_handle_the_tray(self, client):
        event = InboundEventFactory(state=EventState.QUARANTINED)
        url = reverse("channels:event-source", args=[event.pk])

        client.force_login(UserFactory())
        assert client.get(url).status_code == 403
        client.force_login(UserFactory(lead=True))
        assert client.get(url).status_code == 200

    def test_is_not_there_for_what_was_read(self, client):
        event = InboundEventFactory(state=EventState.DONE)
        client.force_login(UserFactory(admin=True))

        url = reverse("channels:event-source", args=[event.pk])

        assert client.get(url).status_code == 404
