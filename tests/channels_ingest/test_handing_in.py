import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from channels_ingest.drain import drain_all
from channels_ingest.handing_in import hand_in
from channels_ingest.intake import take_in
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.providers.chat.payload import (
    SOURCE,
    ChatMessage,
    external_id_of,
    packed,
)
from channels_ingest.sole_reader import _LOCKS, sole_reader
from helpdesk.core.bells import INGEST
from helpdesk.core.doorbell import valkey
from inbox.models import TimelineItem
from tests.factories.chat import WebchatChannelFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def channel():
    return WebchatChannelFactory()


@pytest.fixture(autouse=True)
def silent_bell():
    valkey().delete(INGEST.key)
    yield
    valkey().delete(INGEST.key)


def written(channel, *, text="Is it in stock?", client_id=None, raw=None):
    visitor = "6a3c5b6e-1d0f-4a51-9d4c-6f4a0f0f7b11"
    client_id = client_id or str(uuid.uuid4())
    message = ChatMessage(
        client_id=client_id,
        visitor_id=visitor,
        handle=f"visitor:{visitor}",
        scope=f"channel:{channel.pk}",
        topic_key="5b0c1f0e-9f30-4a5c-8a3f-7d3f3a1f2c10",
        text=text,
        sent_at=datetime.now(UTC),
    )
    return hand_in(
        channel=channel,
        source=SOURCE,
        raw=raw or packed(message),
        dedupe_key=external_id_of(visitor_id=visitor, client_id=client_id),
    )


def is_rung():
    return bool(valkey().exists(INGEST.key))


class TestHandIn:
    def test_shows_a_message_before_it_returns_and_rings_for_nobody(self, channel):
        recorded = written(channel)

        event = InboundEvent.objects.get(pk=recorded.event_id)
        assert event.state == EventState.DONE
        assert TimelineItem.objects.get(pk=event.item_id).text == "Is it in stock?"
        assert not is_rung()

    def test_leaves_it_to_a_worker_while_somebody_else_reads_the_channel(
        self, channel, other_session, monkeypatch
    ):
        monkeypatch.setattr("channels_ingest.drain.LONGEST_WAIT", 0.01)
        with other_session.sole_reader(channel.pk):
            recorded = written(channel)

        assert InboundEvent.objects.get(pk=recorded.event_id).state == EventState.NEW
        assert is_rung()
        drain_all()
        assert InboundEvent.objects.get(pk=recorded.event_id).state == EventState.DONE

    def test_keeps_the_same_message_once(self, channel):
        first = written(channel, client_id="1c9d9c5e-91b5-4b0f-8a08-5c8f7ab3f0aa")
        second = written(channel, client_id="1c9d9c5e-91b5-4b0f-8a08-5c8f7ab3f0aa")

        assert (first.event_id, first.is_new) == (second.event_id, True)
        assert not second.is_new
        assert TimelineItem.objects.filter(channel=channel).count() == 1

    def test_keeps_what_cannot_be_read_in_the_tray(self, channel):
        recorded = written(channel, raw=b"{}\n")

        event = InboundEvent.objects.get(pk=recorded.event_id)
        assert event.state == EventState.QUARANTINED
        assert "no chat message of ours" in event.reason

    def test_has_kept_it_even_if_it_cannot_be_stored_yet(self, channel, monkeypatch):
        def fail(**_):
            raise RuntimeError("no room")

        monkeypatch.setattr("channels_ingest.straight.take_in", fail)
        monkeypatch.setattr("channels_ingest.handing_in.drain_at_once", fail)

        recorded = written(channel)

        assert InboundEvent.objects.get(pk=recorded.event_id).state == EventState.NEW
        assert is_rung()

    def test_shows_it_the_long_way_if_the_short_one_failed(self, channel, monkeypatch):
        def begin_and_fail(**arguments):
            take_in(**arguments)
            raise RuntimeError("no room")

        monkeypatch.setattr("channels_ingest.straight.take_in", begin_and_fail)

        recorded = written(channel)

        event = InboundEvent.objects.get()
        assert (event.pk, event.state) == (recorded.event_id, EventState.DONE)
        assert TimelineItem.objects.filter(channel=channel).count() == 1

    def test_counts_what_is_handed_in_again(self, channel):
        for _ in range(3):
            written(channel, client_id="1c9d9c5e-91b5-4b0f-8a08-5c8f7ab3f0aa")

        event = InboundEvent.objects.get()
        assert (event.redeliveries, event.attempts) == (2, 1)

    def test_keeps_and_shows_in_one_commit(self, channel, monkeypatch):
        commits = []
        database = type(connections["default"])
        commit = database._commit
        monkeypatch.setattr(
            database, "_commit", lambda self: commits.append(self) or commit(self)
        )

        written(channel)
        # How the channel is doing is noted once in a while.
        commits.clear()
        written(channel)

        assert len(commits) == 1

    def test_takes_long_words_as_well(self, channel):
        recorded = written(channel, text="so long " * 20_000)

        event = InboundEvent.objects.get(pk=recorded.event_id)
        assert event.state == EventState.DONE

    def test_keeps_other_readers_away_meanwhile(
        self, channel, other_session, monkeypatch
    ):
        seen = []

        def look(**arguments):
            seen.append(other_session.may_read(channel.pk))
            with connection.cursor() as cursor:
                cursor.execute("SHOW idle_in_transaction_session_timeout")
                seen.append(cursor.fetchone()[0])
            return take_in(**arguments)

        monkeypatch.setattr("channels_ingest.straight.take_in", look)

        written(channel)

        assert seen == [False, "1min"]
        assert other_session.may_read(channel.pk)

    def test_waits_for_somebody_who_is_about_to_end(self, channel, other_session):
        reader = other_session.sole_reader(channel.pk)
        reader.__enter__()
        with ThreadPoolExecutor(max_workers=1) as pool:
            writing = pool.submit(_in_a_thread, channel)
            _until_somebody_waits(other_session.session)
            reader.__exit__()
            recorded = writing.result()

        assert InboundEvent.objects.get(pk=recorded.event_id).state == EventState.DONE
        assert not is_rung()

    def test_is_done_when_another_has_read_it_meanwhile(self, channel, other_session):
        reader = other_session.sole_reader(channel.pk)
        reader.__enter__()
        with ThreadPoolExecutor(max_workers=1) as pool:
            writing = pool.submit(_in_a_thread, channel)
            _until_somebody_waits(other_session.session)
            InboundEvent.objects.update(state=EventState.DONE)
            reader.__exit__()
            writing.result()

        assert not is_rung()

    def test_reads_in_the_order_in_which_it_came(
        self, channel, other_session, monkeypatch
    ):
        monkeypatch.setattr("channels_ingest.drain.LONGEST_WAIT", 0.01)
        with other_session.sole_reader(channel.pk):
            written(channel, text="first")
        written(channel, text="second")

        shown = TimelineItem.objects.filter(channel=channel).order_by("seq")
        assert [item.text for item in shown] == ["first", "second"]


def _in_a_thread(channel):
    try:
        return written(channel)
    finally:
        connection.close()


def _until_somebody_waits(session):
    for _ in range(1000):
        with session.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE locktype = 'advisory' AND classid = %s AND NOT granted",
                [_LOCKS],
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


@pytest.fixture
def other_session():
    """Another process's session, as far as the database can tell."""

    class Other:
        def __init__(self):
            self.session = connections.create_connection("default")

        def sole_reader(self, channel_id):
            return _Held(self.session, channel_id)

        def may_read(self, channel_id):
            with self.session.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, channel_id]
                )
                is_ours = cursor.fetchone()[0]
            if is_ours:
                _Held(self.session, channel_id).__exit__()
            return is_ours

    other = Other()
    yield other
    other.session.close()


class _Held:
    def __init__(self, session, channel_id):
        self.session, self.keys = session, [_LOCKS, channel_id]

    def __enter__(self):
        with self.session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", self.keys)

    def __exit__(self, *_):
        with self.session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", self.keys)


class TestSoleReader:
    def test_lets_one_session_in_at_a_time(self, channel, other_session):
        with other_session.sole_reader(channel.pk), sole_reader(channel.pk) as ours:
            assert not ours
        with sole_reader(channel.pk) as ours:
            assert ours
        assert connection.is_usable()

    def test_leaves_a_session_that_waited_in_vain_as_it_was(
        self, channel, other_session
    ):
        before = _limits_of_session()
        with (
            other_session.sole_reader(channel.pk),
            sole_reader(channel.pk, wait_seconds=0.01) as ours,
        ):
            assert not ours
            assert _limits_of_session() == before
        with sole_reader(channel.pk, wait_seconds=0.01) as ours:
            assert ours
            assert _limits_of_session() == (before[0], "1min")
        assert _limits_of_session() == before


def _limits_of_session():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'),"
            " current_setting('idle_session_timeout')"
        )
        return cursor.fetchone()
