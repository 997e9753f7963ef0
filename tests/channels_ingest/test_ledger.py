from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from channels_ingest.ledger import check_day, run_ledger
from channels_ingest.models import EventState, InboundEvent, LedgerDay
from tests.factories import (
    ChannelFactory,
    InboundEventFactory,
    TimelineItemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def channel():
    return ChannelFactory()


def event(channel, state, **fields):
    return InboundEventFactory(channel=channel, state=state, received_at=NOON, **fields)


def shown(channel):
    item = TimelineItemFactory(conversation__channel=channel)
    return event(channel, EventState.DONE, item_id=item.pk)


class TestCheckDay:
    def test_adds_up_when_everything_has_an_end(self, channel):
        first = shown(channel)
        event(channel, EventState.DUPLICATE, item_id=first.item_id)
        for state in (
            EventState.IGNORED,
            EventState.QUARANTINED,
            EventState.DISCARDED,
            EventState.NEW,
        ):
            event(channel, state)

        (book,) = check_day(day=DAY)

        assert book.journalled == 6
        assert (book.shown, book.duplicates, book.ignored) == (1, 1, 1)
        assert (book.quarantined, book.discarded, book.waiting) == (1, 1, 1)
        assert (book.difference, book.damaged, book.missing_items) == (0, 0, 0)

    def test_finds_a_message_that_is_said_to_be_shown_and_is_not(self, channel):
        event(channel, EventState.DONE, item_id=987_654)

        (book,) = check_day(day=DAY)

        assert (book.missing_items, book.difference) == (1, 1)

    def test_finds_bytes_that_have_changed(self, channel):
        shown(channel)
        InboundEvent.objects.update(raw=b"something else")

        (book,) = check_day(day=DAY)

        assert book.damaged == 1

    def test_finds_rows_that_have_gone(self, channel):
        shown(channel)
        check_day(day=DAY)
        InboundEvent.objects.all().delete()

        (book,) = check_day(day=DAY)

        assert (book.journalled, book.shown, book.difference) == (1, 0, 1)

    def test_keeps_days_and_channels_apart(self, channel):
        shown(channel)
        shown(ChannelFactory())
        InboundEventFactory(received_at=datetime(2026, 11, 21, tzinfo=UTC))

        assert [book.journalled for book in check_day(day=DAY)] == [1, 1]


class TestRunLedger:
    def test_says_so_loudly_when_books_do_not_add_up(self, channel, caplog):
        event(channel, EventState.DONE, item_id=987_654)

        assert run_ledger(today=date(2026, 11, 22)) == 1

        assert "do not add up" in caplog.text

    def test_may_run_again(self, channel):
        shown(channel)

        run_ledger(today=date(2026, 11, 22))
        run_ledger(today=date(2026, 11, 22))

        assert LedgerDay.objects.count() == 1


class TestPages:
    def test_show_a_difference_to_admins(self, client, channel):
        LedgerDay.objects.create(
            channel=channel, day=datetime.now(tz=UTC).date(), difference=1
        )
        client.force_login(UserFactory(admin=True))

        page = client.get(reverse("channels:books"))
        banner = client.get(reverse("channels:books-banner"))

        assert "do not add up" in page.content.decode()
        assert "do not add up" in banner.content.decode()

    def test_say_nothing_when_there_is_nothing_to_say(self, client):
        client.force_login(UserFactory(admin=True))

        assert client.get(reverse("channels:books-banner")).content == b""

    def test_are_for_admins(self, client):
        client.force_login(UserFactory(lead=True))

        assert client.get(reverse("channels:books")).status_code == 403
