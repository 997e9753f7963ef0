from dataclasses import dataclass

import pytest

from helpdesk.core import events
from helpdesk.core.events import Event, emit, emit_all, take_part, watch

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


class TestTakePart:
    @pytest.fixture(autouse=True)
    def _partakers(self):
        yield
        del events._partakers[Seen]

    def test_runs_at_once_and_not_after_the_commit(
        self, django_capture_on_commit_callbacks
    ):
        take_part(Seen)(note)

        with django_capture_on_commit_callbacks():
            emit(Seen(number=1))
            assert told == [1]

    def test_asks_whether_it_is_to_run(self):
        take_part(Seen, when=lambda event: event.number > 1)(note)

        emit_all([Seen(number=1), Seen(number=2)])

        assert told == [2]

    def test_lets_nothing_happen_that_it_fails_at(self):
        take_part(Seen)(stumble)

        with pytest.raises(ValueError, match="cannot show 1"):
            emit(Seen(number=1))
