from dataclasses import dataclass

import pytest

from helpdesk.core import events
from helpdesk.core.events import Event, emit, emit_all, watch

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Event):
    number: int


told = []


def note(event):
    told.append(event.number)


def stumble(event):
    told.append(-event.number)
    raise ValueError(f"cannot show {event.number}")


@pytest.fixture(autouse=True)
def watched():
    told.clear()
    watch(Seen)(stumble)
    watch(Seen)(note)
    yield
    del events._watchers[Seen]


class TestWatch:
    def test_tells_in_order_after_the_commit(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            emit_all([Seen(number=1), Seen(number=2)])
            emit(Seen(number=3))
            assert told == []

        assert [number for number in told if number > 0] == [1, 2, 3]

    def test_lets_a_watcher_that_fails_stop_no_other(
        self, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            emit_all([Seen(number=1), Seen(number=2)])

        assert told == [-1, 1, -2, 2]
