import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.utils import timezone

from channels_ingest import drain
from channels_ingest.actions.claiming import claim_ahead, claim_fresh
from channels_ingest.actions.journal import record_inbound
from channels_ingest.drain import _LOCKS, drain_all
from channels_ingest.fingerprint import mail_key
from channels_ingest.models import MAX_ATTEMPTS, EventState, InboundEvent
from channels_ingest.reading_pool import ReadingPool
from channels_ingest.tasks import drain_inbound
from customers.models import Customer
from inbox.models import Attachment, Conversation, TimelineItem
from tests.factories import ChannelFactory
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(size=2) as pool:
        yield pool


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def journal(channel, raw=None, **mail):
    raw = raw or mail_source(**mail)
    return record_inbound(
        channel_id=channel.pk, source="smtp", raw=raw, dedupe_key=mail_key(raw)
    ).event_id


def state_of(event_id):
    return InboundEvent.objects.get(pk=event_id).state


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


UNSTORABLE = mail_source(message_id="unstorable@x", subject="x" * 40)


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


class TestCrash:
    def test_of_a_reading_child_is_one_try_and_harms_no_other(self, pool):
        channel = ChannelFactory()
        journal(channel, message_id="warm-up@x")
        drain_all(pool=pool)
        for child in pool._children:
            if child.pid:
                os.kill(child.pid, signal.SIGKILL)
        ids = [journal(channel, message_id=f"{n}@x") for n in range(6)]

        drain_all(pool=pool)
        InboundEvent.objects.update(run_at=timezone.now())
        drain_all(pool=pool)

        assert {state_of(event_id) for event_id in ids} == {EventState.DONE}

    def test_of_a_reading_child_lets_nothing_overtake(self, pool):
        channel = ChannelFactory()
        journal(channel, message_id="warm-up@x")
        drain_all(pool=pool)
        for number in range(6):
            journal(channel, message_id=f"{number}@x", text=f"{number}")
        pids = [child.pid for child in pool._children if child.pid]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        killers = [threading.Timer(0.3, os.kill, (it, signal.SIGKILL)) for it in pids]
        for killer in killers:
            killer.start()

        drain_all(pool=pool)
        for killer in killers:
            killer.join()

        texts = TimelineItem.objects.exclude(detail__message_id="warm-up@x")
        assert list(texts.order_by("seq").values_list("text", flat=True)) == [
            f"{number}" for number in range(6)
        ]

    def test_of_a_worker_counts_and_loses_nothing(self, pool):
        channel = ChannelFactory()
        ids = [journal(channel, message_id=f"{n}@x") for n in range(3)]
        claim_fresh(channel_id=channel.pk, now=timezone.now())

        drain_all(pool=pool)

        events = InboundEvent.objects.filter(pk__in=ids)
        assert {event.state for event in events} == {EventState.DONE}
        assert {event.attempts for event in events} == {2}

    def test_of_many_workers_sets_the_input_aside(self, pool):
        channel = ChannelFactory()
        event_id = journal(channel)
        for _ in range(MAX_ATTEMPTS):
            claim_fresh(channel_id=channel.pk, now=timezone.now())

        drain_all(pool=pool)

        event = InboundEvent.objects.get(pk=event_id)
        assert event.state == EventState.QUARANTINED
        assert "ended unexpectedly" in event.reason

    def test_suspects_are_read_alone(self):
        channel = ChannelFactory()
        journal(channel, message_id="suspect@x")
        for _ in range(2):
            claim_fresh(channel_id=channel.pk, now=timezone.now())
        journal(channel, message_id="innocent@x")

        claimed = claim_fresh(channel_id=channel.pk, now=timezone.now())

        assert [one.attempts for one in claimed] == [3]

    def test_innocent_input_does_not_overtake_a_suspect(self):
        channel = ChannelFactory()
        journal(channel, message_id="first@x")
        first = claim_fresh(channel_id=channel.pk, now=timezone.now())
        journal(channel, message_id="suspect@x")
        InboundEvent.objects.exclude(pk=first[0].event_id).update(attempts=2)
        journal(channel, message_id="innocent@x")

        ahead = claim_ahead(channel_id=channel.pk, held=first, now=timezone.now())

        assert ahead == []

    def test_what_is_held_is_not_claimed_ahead(self):
        channel = ChannelFactory()
        journal(channel, message_id="first@x")
        first = claim_fresh(channel_id=channel.pk, now=timezone.now())
        second = journal(channel, message_id="second@x")

        ahead = claim_ahead(channel_id=channel.pk, held=first, now=timezone.now())

        assert [one.event_id for one in ahead] == [second]


class TestReaderThatStandsStill:
    def test_loses_its_turn_and_can_write_nothing_afterwards(self, pool, monkeypatch):
        monkeypatch.setattr(drain, "IDLE_SECONDS", 1)
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
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            assert cursor.fetchone() == (0,)


class TestTask:
    def test_reads_what_waits(self, pool, monkeypatch):
        monkeypatch.setattr(drain, "shared_pool", lambda: pool)
        journal(ChannelFactory())

        assert drain_inbound() == 1
