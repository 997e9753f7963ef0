import pytest

from helpdesk.core.doorbell import Bell, answer, held, ring, valkey

BELL = Bell(name="tests", task="inbox.tasks.index_search", queue="sweep")
OTHER = Bell(name="others", task="inbox.tasks.index_search", queue="sweep")


@pytest.fixture(autouse=True)
def _nobody_has_rung():
    valkey().delete(BELL.queue, BELL.key, OTHER.key)


def rings():
    """Return how many rings wait for a worker."""
    return valkey().llen(BELL.queue)


class TestRing:
    def test_is_silent_until_somebody_answers(self):
        assert ring(BELL)
        assert not ring(BELL)

        answer(BELL)

        assert ring(BELL)
        assert rings() == 2


class TestHeld:
    def test_rings_once_at_the_end(self):
        with held(BELL):
            for _ in range(3):
                assert not ring(BELL)
            assert rings() == 0

        assert rings() == 1

    def test_does_not_ring_what_nobody_rang(self):
        with held(BELL):
            pass

        assert rings() == 0

    def test_leaves_other_bells_alone(self):
        with held(BELL):
            assert ring(OTHER)

    def test_rings_after_the_outermost_one(self):
        with held(BELL):
            with held(BELL), held(OTHER):
                ring(BELL)
                ring(OTHER)
            assert rings() == 1

        assert rings() == 2

    def test_rings_though_the_work_failed(self):
        def work():
            with held(BELL):
                ring(BELL)
                raise LookupError

        with pytest.raises(LookupError):
            work()

        assert rings() == 1
