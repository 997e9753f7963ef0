import os
import signal
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from channels_ingest import reading_pool, registry
from channels_ingest.base import Account, RawInput
from channels_ingest.reading_pool import DIED, TOO_SLOW, ReadingChild, ReadingPool
from tests.factories.channels_ingest import mail_source

ACCOUNT = Account(
    channel_id=1, kind="email", address="support@shop.example", token_keys=("x" * 20,)
)


def mail(number=0):
    return RawInput(raw=mail_source(text=f"Number {number}"), source="smtp")


class Deadly:
    """Ends whichever process reads it."""

    def __reduce__(self):
        return os._exit, (137,)


@contextmanager
def child(**options):
    one = ReadingChild(**options)
    try:
        yield one
    finally:
        one.close()


class TestReadingChild:
    def test_reads_and_stays_for_the_next(self):
        with child() as one:
            outcome = one.read(ACCOUNT, mail(), seconds=30)
            pid = one.pid
            one.read(ACCOUNT, mail(), seconds=30)

            assert outcome.events[0].text == "Number 0"
            assert one.pid == pid

    def test_that_takes_too_long_is_ended_and_replaced(self):
        with child() as one:
            one.read(ACCOUNT, mail(), seconds=30)
            os.kill(one.pid, signal.SIGSTOP)

            slow = one.read(ACCOUNT, mail(), seconds=0.2)
            again = one.read(ACCOUNT, mail(), seconds=30)

        assert slow.reason == TOO_SLOW
        assert again.events

    def test_that_dies_while_reading_leaves_the_input_to_another(self):
        with child() as one:
            one.read(ACCOUNT, mail(), seconds=30)
            os.kill(one.pid, signal.SIGSTOP)
            killer = threading.Timer(0.2, os.kill, (one.pid, signal.SIGKILL))
            killer.start()

            outcome = one.read(ACCOUNT, mail(7), seconds=30)
            killer.join()

        assert outcome.events[0].text == "Number 7"

    def test_dies_of_an_input_twice_and_that_is_one_failure(self):
        with child() as one:
            died = one.read(ACCOUNT, RawInput(raw=Deadly(), source="x"), seconds=30)
            again = one.read(ACCOUNT, mail(), seconds=30)

        assert died.reason == DIED
        assert again.events

    def test_goes_on_with_a_run_after_the_one_it_died_of(self):
        deadly = RawInput(raw=Deadly(), source="x")
        with child() as one:
            run = [mail(0), mail(1), deadly, mail(3)]
            outcomes = one.read_run(ACCOUNT, run, seconds=30)

        assert outcomes[2].reason == DIED
        assert [it.events[0].text for it in outcomes if it.events] == [
            "Number 0",
            "Number 1",
            "Number 3",
        ]

    def test_blames_only_the_one_of_a_run_that_takes_too_long(self):
        with child() as one:
            one.read(ACCOUNT, mail(), seconds=30)
            os.kill(one.pid, signal.SIGSTOP)

            slow, after = one.read_run(ACCOUNT, [mail(0), mail(1)], seconds=3)

        assert slow.reason == TOO_SLOW
        assert after.events[0].text == "Number 1"

    def test_takes_a_run_of_large_ones_whose_answers_are_large_too(self):
        text = "line of a long mail\r\n" * 100_000
        large = RawInput(raw=mail_source(text=text), source="smtp")
        with child() as one:
            outcomes = one.read_run(ACCOUNT, [large] * 3 + [mail()], seconds=60)

        assert [bool(it.events) for it in outcomes] == [True] * 4

    def test_that_died_unnoticed_is_replaced_for_the_next_channel(self):
        with child() as one:
            one.read(ACCOUNT, mail(), seconds=30)
            one._connection.shutdown(socket.SHUT_RDWR)

            outcome = one.read(replace(ACCOUNT, channel_id=2), mail(), seconds=30)

        assert outcome.events

    def test_may_use_only_so_much_memory(self):
        large = RawInput(
            raw=mail_source(text="x" * 76 + "\r\n" + "y" * 60_000_000), source="smtp"
        )
        with child(memory_bytes=300_000_000) as one:
            refused = one.read(ACCOUNT, large, seconds=60)
            again = one.read(ACCOUNT, mail(), seconds=60)

        assert refused.reason
        assert not refused.events
        assert again.events

    def test_says_what_went_wrong(self):
        nonsense = RawInput(raw=b"{}", source="webhook", headers={"headers": 7})
        with child() as one:
            outcome = one.read(ACCOUNT, nonsense, seconds=30)

        assert outcome.reason
        assert "Traceback" in outcome.traceback

    def test_blames_no_mail_for_an_adapter_that_does_not_load(self):
        unknown = Account(channel_id=1, kind="pigeon", address="roof")
        with child() as one, pytest.raises(reading_pool.ReadingImpossible):
            one.read(unknown, mail(), seconds=30)

    def test_is_renewed_after_many_reads(self, monkeypatch):
        monkeypatch.setattr(reading_pool, "READS_BEFORE_RENEWAL", 2)
        with child() as one:
            pids = []
            for _ in range(3):
                one.read(ACCOUNT, mail(), seconds=30)
                pids.append(one.pid)

        assert pids[0] == pids[1] != pids[2]

    def test_ends_when_it_is_closed(self):
        with child() as one:
            one.read(ACCOUNT, mail(), seconds=30)
            pid = one.pid

        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class TestReadingPool:
    def test_gives_results_in_the_order_of_the_inputs(self):
        with ReadingPool(size=2) as pool:
            texts = list(
                pool.read_all(
                    ACCOUNT,
                    [mail(number) for number in range(20)],
                    seconds=30,
                    then=lambda number, outcome: (number, outcome.events[0].text),
                )
            )

        assert texts == [(number, f"Number {number}") for number in range(20)]

    def test_ends_children_that_have_nothing_to_do(self):
        with ReadingPool(size=2) as pool:
            list(self.read(pool, 4))
            pool.let_rest(after=60)
            busy = [one.pid for one in pool._children if one.pid]

            pool.let_rest(after=0)

            assert busy
            assert not any(one.pid for one in pool._children)
            assert list(self.read(pool, 2)) == ["Number 0", "Number 1"]

    @staticmethod
    def read(pool, number):
        return pool.read_all(
            ACCOUNT,
            [mail(each) for each in range(number)],
            seconds=30,
            then=lambda _, outcome: outcome.events[0].text,
        )


class TestRegistry:
    def test_names_an_adapter_that_is_there_for_each_kind(self):
        for kind in registry.ADAPTERS:
            adapter = registry.adapter_class(kind)
            assert adapter.kind == kind
            assert adapter.label
            assert adapter.capabilities.as_json()

    def test_knows_no_other_kinds(self):
        with pytest.raises(registry.UnknownKind):
            registry.adapter_class("pigeon")
