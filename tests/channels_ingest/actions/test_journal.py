import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from channels_ingest.actions.journal import Handed, record_batch, record_inbound
from channels_ingest.models import InboundEvent
from tests.factories import ChannelFactory


def handed(channel, key, raw=b"From: a@b\r\n\r\nHello"):
    return Handed(channel_id=channel.pk, source="smtp", raw=raw, dedupe_key=key)


@pytest.mark.django_db
class TestRecordInbound:
    def test_keeps_the_bytes_as_they_came(self):
        raw = bytes(range(256)) * 40

        recorded = record_inbound(
            channel_id=ChannelFactory().pk, source="smtp", raw=raw, dedupe_key="k"
        )

        event = InboundEvent.objects.get(pk=recorded.event_id)
        assert recorded.is_new
        assert bytes(event.raw) == raw
        assert event.size == len(raw)

    def test_keeps_the_same_message_once_and_counts_its_deliveries(self):
        channel = ChannelFactory()

        first, second, third = (
            record_inbound(
                channel_id=channel.pk, source="smtp", raw=b"x", dedupe_key="k"
            )
            for _ in range(3)
        )

        assert first.is_new
        assert not second.is_new
        assert first.event_id == second.event_id == third.event_id
        assert InboundEvent.objects.get().redeliveries == 2

    def test_keeps_one_for_each_channel(self):
        for channel in ChannelFactory.create_batch(2):
            record_inbound(
                channel_id=channel.pk, source="smtp", raw=b"x", dedupe_key="k"
            )

        assert InboundEvent.objects.count() == 2

    def test_stores_an_envelope_that_json_cannot_hold(self):
        envelope = {"mail_from": "a\0b\udcff@x", "rcpt_to": ["\\u0000"], "size": 3}

        record_inbound(
            channel_id=ChannelFactory().pk,
            source="smtp",
            raw=b"x",
            dedupe_key="k",
            headers=envelope,
        )

        stored = InboundEvent.objects.get().headers
        assert stored == {
            "mail_from": "a\ufffdb?@x",
            "rcpt_to": ["\\u0000"],
            "size": 3,
        }


@pytest.mark.django_db
class TestRecordBatch:
    def test_answers_in_the_order_it_was_asked(self):
        channel = ChannelFactory()

        recorded = record_batch(
            handed=[handed(channel, key) for key in ("c", "a", "b", "a")]
        )

        keys = dict(InboundEvent.objects.values_list("id", "dedupe_key"))
        assert [keys[one.event_id] for one in recorded] == ["c", "a", "b", "a"]
        assert [one.is_new for one in recorded] == [True, True, True, False]
        assert InboundEvent.objects.get(dedupe_key="a").redeliveries == 1

    def test_counts_what_came_before_and_what_comes_twice(self):
        channel = ChannelFactory()
        record_batch(handed=[handed(channel, "a")])

        record_batch(handed=[handed(channel, "a"), handed(channel, "a")])

        assert InboundEvent.objects.get().redeliveries == 2

    def test_takes_nothing(self):
        assert record_batch(handed=[]) == []


@pytest.mark.django_db(transaction=True)
class TestRecordConcurrently:
    def test_keeps_one_of_64_simultaneous_deliveries(self):
        channel = ChannelFactory()
        start = threading.Barrier(64)

        def deliver(_):
            start.wait(timeout=30)
            try:
                return record_batch(handed=[handed(channel, "same")])[0]
            finally:
                connections.close_all()

        with ThreadPoolExecutor(64) as threads:
            recorded = list(threads.map(deliver, range(64)))

        assert sum(one.is_new for one in recorded) == 1
        assert len({one.event_id for one in recorded}) == 1
        assert InboundEvent.objects.get().redeliveries == 63

    def test_does_not_deadlock_on_batches_in_opposite_order(self):
        channel = ChannelFactory()
        keys = [f"k{n}" for n in range(50)]

        def deliver(order):
            try:
                record_batch(handed=[handed(channel, key) for key in order])
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(deliver, [keys, keys[::-1]] * 8))

        assert InboundEvent.objects.count() == 50

    def test_refuses_to_promise_inside_somebody_elses_transaction(self):
        channel = ChannelFactory()

        with pytest.raises(RuntimeError), transaction.atomic():
            record_batch(handed=[handed(channel, "a")])

        assert connection.in_atomic_block is False
