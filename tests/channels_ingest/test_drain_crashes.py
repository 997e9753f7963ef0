"""Reading children and workers that die in the middle of it."""

import os
import signal
import threading

import pytest
from django.utils import timezone

from channels_ingest.actions.claiming import claim_ahead, claim_fresh
from channels_ingest.drain import drain_all
from channels_ingest.models import MAX_ATTEMPTS, EventState, InboundEvent
from inbox.models import TimelineItem
from tests.channels_ingest.journaling import journal, state_of
from tests.factories import ChannelFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_files"),
]


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
