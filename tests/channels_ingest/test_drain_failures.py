"""Input that the drain cannot read, or cannot store."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from channels_ingest.drain import drain_all
from channels_ingest.models import MAX_ATTEMPTS, EventState, InboundEvent
from customers.models import Customer
from inbox.models import TimelineItem
from tests.channels_ingest.journaling import journal, state_of
from tests.factories import ChannelFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_files"),
]


def let_it_fail(event_id, pool):
    """Make every pause end at once until the event is put aside."""
    for _ in range(MAX_ATTEMPTS + 1):
        drain_all(pool=pool)
        InboundEvent.objects.filter(pk=event_id).update(run_at=timezone.now())


@contextmanager
def database_without_room():
    """Have PostgreSQL answer each new message as it does on a full disk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100';"
            " END $$;"
            "CREATE TRIGGER no_room BEFORE INSERT ON inbox_messagedetail"
            " FOR EACH ROW EXECUTE FUNCTION no_room()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_room CASCADE")


class TestWhatCannotBeRead:
    def test_does_not_hold_up_its_neighbors(self, pool, monkeypatch):
        channel = ChannelFactory()
        before = journal(channel, message_id="before@x")
        poison = journal(channel, message_id="poison@x")
        after = journal(channel, message_id="after@x")
        self._make_unreadable(poison)

        drain_all(pool=pool)

        assert state_of(before) == state_of(after) == EventState.DONE
        assert state_of(poison) == EventState.NEW
        assert InboundEvent.objects.get(pk=poison).run_at > timezone.now()

    def test_is_set_aside_for_people_after_five_tries(self, pool):
        event_id = journal(ChannelFactory())
        self._make_unreadable(event_id)

        let_it_fail(event_id, pool)

        event = InboundEvent.objects.get(pk=event_id)
        assert event.state == EventState.QUARANTINED
        assert event.attempts == MAX_ATTEMPTS
        assert event.reason == "The program that reads it failed."
        assert "Traceback" in event.traceback

    @staticmethod
    def _make_unreadable(event_id):
        # A webhook's request without any sense: no adapter can read it.
        InboundEvent.objects.filter(pk=event_id).update(
            source="webhook", headers={"headers": 7}
        )


class TestWhatCannotBeStored:
    def test_leaves_nothing_of_itself_and_all_of_its_neighbors(self, pool, monkeypatch):
        channel = ChannelFactory()
        for number in range(3):
            journal(
                channel,
                message_id=f"{number}@x",
                sender=f"person{number}@people.example",
            )
        # The database itself refuses what the second one says.
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE inbox_messagedetail ADD CONSTRAINT refuses"
                " CHECK (message_id <> '1@x')"
            )
        try:
            drain_all(pool=pool)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE inbox_messagedetail DROP CONSTRAINT refuses"
                )

        states = InboundEvent.objects.order_by("id").values_list("state", flat=True)
        assert list(states) == [EventState.DONE, EventState.NEW, EventState.DONE]
        assert TimelineItem.objects.count() == 2
        assert Customer.objects.count() == 2
        refused = InboundEvent.objects.get(state=EventState.NEW)
        assert "could not be put on the timeline" in refused.reason

    def test_is_not_blamed_for_trouble_of_the_whole_database(self, pool):
        channel = ChannelFactory()
        ids = [journal(channel, message_id=f"{n}@x", text=f"{n}") for n in range(3)]

        with database_without_room():
            for _ in range(MAX_ATTEMPTS + 1):
                with pytest.raises(OperationalError):
                    drain_all(pool=pool)
        waiting = list(InboundEvent.objects.filter(pk__in=ids).order_by("pk"))
        drain_all(pool=pool)

        assert [event.attempts for event in waiting] == [0, 0, 0]
        assert {event.reason for event in waiting} == {""}
        texts = TimelineItem.objects.order_by("conversation_id", "seq")
        assert list(texts.values_list("text", flat=True)) == ["0", "1", "2"]

    def test_is_shown_once_the_trouble_is_over(self, pool):
        channel = ChannelFactory()
        event_id = journal(channel)
        InboundEvent.objects.update(
            reason="Trouble", attempts=3, run_at=timezone.now() - timedelta(minutes=1)
        )

        drain_all(pool=pool)

        event = InboundEvent.objects.get(pk=event_id)
        assert event.state == EventState.DONE
        assert event.reason == ""
