import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from channels_ingest import drain
from channels_ingest.actions.journal import record_inbound
from channels_ingest.drain import drain_all
from channels_ingest.fingerprint import mail_key
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.sole_reader import _LOCKS
from channels_ingest.tasks import drain_inbound
from inbox.models import Attachment, Conversation, TimelineItem
from tests.channels_ingest.journaling import journal, state_of
from tests.factories import ChannelFactory
from tests.factories.channels_ingest import mail_source

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_files"),
]


class TestDrainAll:
    def test_shows_what_was_journalled(self, pool):
        event_id = journal(ChannelFactory())

        assert drain_all(pool=pool) == 1

        item = TimelineItem.objects.get()
        event = InboundEvent.objects.get(pk=event_id)
        assert item.text == "It should have come on Monday."
        assert item.detail.journal_id == event_id
        assert (event.state, event.item_id) == (EventState.DONE, item.pk)
        assert event.conversation_id == Conversation.objects.get().pk
        assert event.attempts == 1

    def test_reads_every_channel_until_nothing_is_left(self, pool):
        channels = ChannelFactory.create_batch(2)
        for number in range(130):
            journal(channels[number % 2], message_id=f"{number}@people.example")

        assert drain_all(pool=pool) == 130

        assert TimelineItem.objects.count() == 130
        assert not InboundEvent.objects.due(now=timezone.now()).exists()

    def test_keeps_the_order_in_which_mail_came(self, pool):
        channel = ChannelFactory()
        for number in range(60):
            journal(
                channel,
                message_id=f"{number}@people.example",
                text=f"Number {number}",
                subject="Same",
            )

        drain_all(pool=pool)

        texts = Conversation.objects.get().items.order_by("seq")
        assert list(texts.values_list("text", flat=True)) == [
            f"Number {number}" for number in range(60)
        ]

    def test_keeps_the_order_with_many_workers(self, pool):
        channel = ChannelFactory()
        for number in range(200):
            journal(
                channel,
                message_id=f"{number}@people.example",
                text=f"Number {number}",
                subject="Same",
            )

        def work(_):
            try:
                return drain_all(pool=pool)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as threads:
            handled = sum(threads.map(work, range(4)))

        texts = Conversation.objects.get().items.order_by("seq")
        assert handled == 200
        assert list(texts.values_list("text", flat=True)) == [
            f"Number {number}" for number in range(200)
        ]

    def test_keeps_the_order_when_the_clock_is_set_back(self, pool):
        channel, now = ChannelFactory(), timezone.now()
        for number, jump in enumerate([1, 0, 1, -1]):
            raw = mail_source(message_id=f"{number}@x", text=f"{number}")
            record_inbound(
                channel_id=channel.pk,
                source="smtp",
                raw=raw,
                dedupe_key=mail_key(raw),
                now=now + timedelta(hours=jump),
            )

        drain_all(pool=pool)

        texts = TimelineItem.objects.order_by("seq").values_list("text", flat=True)
        assert list(texts) == ["0", "1", "2", "3"]

    def test_does_not_read_a_channel_that_somebody_else_reads(self, pool):
        channel = ChannelFactory()
        event_id = journal(channel)
        held, release = threading.Event(), threading.Event()

        def hold():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, channel.pk])
                held.set()
                release.wait(30)
            connections.close_all()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(30)

        handled = drain_all(pool=pool)
        release.set()
        holder.join()

        assert handled == 0
        assert state_of(event_id) == EventState.NEW
        assert drain_all(pool=pool) == 1

    def test_marks_a_second_copy_under_another_key_as_a_duplicate(self, pool):
        channel = ChannelFactory()
        first = journal(channel)
        drain_all(pool=pool)
        event = InboundEvent.objects.get(pk=first)
        # As after a replay: the message is there, and the row is new again.
        InboundEvent.objects.update(state=EventState.NEW)

        drain_all(pool=pool)

        event.refresh_from_db()
        assert event.state == EventState.DUPLICATE
        assert event.item_id == TimelineItem.objects.get().pk

    def test_says_why_it_shows_nothing(self, pool):
        channel = ChannelFactory(address="support@shop.example")
        event_id = journal(channel, sender="support@shop.example")

        drain_all(pool=pool)

        event = InboundEvent.objects.get(pk=event_id)
        assert event.state == EventState.IGNORED
        assert event.reason == "It comes from one of our own addresses."

    def test_writes_files_before_it_shows_the_message(self, pool, tmp_path):
        raw = mail_source().replace(
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: text/plain\r\n\r\nSee file\r\n"
            b"--b\r\nContent-Type: application/x-thing\r\n"
            b"Content-Disposition: attachment; filename=a.bin\r\n\r\n"
            b"payload\r\n--b--\r\n",
        )
        journal(ChannelFactory(), raw=raw)

        drain_all(pool=pool)

        attachment = Attachment.objects.get()
        assert (tmp_path / attachment.stored_name).read_bytes() == b"payload"
        assert attachment.name == "a.bin"


class TestReaderThatStandsStill:
    def test_loses_its_turn_and_can_write_nothing_afterwards(self, pool, monkeypatch):
        monkeypatch.setattr("channels_ingest.sole_reader.IDLE_SECONDS", 1)
        channel = ChannelFactory()
        event_id = journal(channel)
        stopped, go_on = threading.Event(), threading.Event()
        take_in = drain.take_in

        def stand_still(**arguments):
            stopped.set()
            go_on.wait(60)
            return take_in(**arguments)

        def work():
            try:
                drain_all(pool=pool)
            except DatabaseError as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as thread:
            monkeypatch.setattr(drain, "take_in", stand_still)
            zombie = thread.submit(work)
            stopped.wait(60)
            monkeypatch.setattr(drain, "take_in", take_in)
            # Only the first one stands still, however busy the machine is.
            monkeypatch.setattr("channels_ingest.sole_reader.IDLE_SECONDS", 60)
            while not drain_all(pool=pool):
                threading.Event().wait(0.1)
            go_on.set()
            outcome = zombie.result(60)

        assert isinstance(outcome, DatabaseError)
        assert state_of(event_id) == EventState.DONE
        assert TimelineItem.objects.count() == 1

    def test_leaves_its_connection_as_it_was(self, pool):
        journal(ChannelFactory())

        drain_all(pool=pool)

        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_session_timeout")
            assert cursor.fetchone() == ("0",)
            # Other tests read at the same time, on the same server.
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone() == (0,)


class TestTask:
    def test_reads_what_waits(self, pool, monkeypatch):
        monkeypatch.setattr(drain, "shared_pool", lambda: pool)
        journal(ChannelFactory())

        assert drain_inbound() == 1
