from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.core import events
from helpdesk.core.events import Event, emit, subscribe
from helpdesk.core.models import OutboxEvent
from helpdesk.core.outbox import MAX_ATTEMPTS, relay_all, relay_batch, run_again

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    number: int
    names: tuple[str, ...] = ()


heard = []


def listen(event):
    heard.append(event)
    if event.number < 0:
        raise ValueError(f"cannot do {event.number}")


@pytest.fixture(autouse=True)
def subscribed():
    heard.clear()
    subscribe(Happened, when=lambda event: event.number != 0)(listen)
    yield
    del events._subscribers[Happened]


class TestRelay:
    def test_runs_each_subscriber_once_with_the_event(self):
        emit(Happened(number=1, names=("a", "b")))
        emit(Happened(number=2))

        assert relay_all() == 2
        assert relay_all() == 0
        assert heard == [Happened(number=1, names=("a", "b")), Happened(number=2)]
        assert set(OutboxEvent.objects.values_list("attempts", "error")) == {(1, "")}

    def test_keeps_nothing_of_what_no_subscriber_wants(self):
        emit(Happened(number=0))

        assert not OutboxEvent.objects.exists()

    def test_lets_one_failure_stop_no_other(self):
        emit(Happened(number=-1))
        emit(Happened(number=1))

        relay_batch()

        failed = OutboxEvent.objects.get(done_at=None)
        assert [event.number for event in heard] == [-1, 1]
        assert failed.error == "ValueError: cannot do -1"
        assert failed.attempts == 1
        assert failed.run_at > failed.created_at

    def test_runs_what_is_new_though_the_clock_was_set_back(self):
        emit(Happened(number=1))

        assert relay_all(now=timezone.now() - timedelta(hours=2)) == 1

    def test_waits_before_it_tries_again(self):
        emit(Happened(number=-1))

        assert relay_batch() == 1
        assert relay_batch(now=timezone.now() - timedelta(minutes=1)) == 0

    def test_gives_up_and_begins_anew_on_request(self):
        emit(Happened(number=-1))
        OutboxEvent.objects.update(attempts=MAX_ATTEMPTS - 1)

        relay_batch()
        row = OutboxEvent.objects.get()
        assert row.failed_at is not None
        assert relay_batch() == 0

        assert run_again(event_ids=[row.pk]) == 1
        assert relay_batch() == 1
