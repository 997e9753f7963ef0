"""Stamps that tell people from programs."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.chat.stamps import (
    StampInvalid,
    StampTooFresh,
    StampTooOld,
    check_stamp,
    new_stamp,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STAMP = new_stamp(channel_key="chat-one", now=NOW)


def check(stamp=STAMP, *, age, key="chat-one"):
    check_stamp(stamp, channel_key=key, now=NOW + age)


class TestCheckStamp:
    @pytest.mark.parametrize(
        "age", [timedelta(seconds=1), timedelta(hours=1), timedelta(hours=24)]
    )
    def test_takes_it_from_a_second_to_a_day(self, age):
        check(age=age)

    @pytest.mark.parametrize("age", [timedelta(seconds=-5), timedelta(seconds=0.9)])
    def test_is_not_taken_at_once(self, age):
        with pytest.raises(StampTooFresh):
            check(age=age)

    def test_is_not_taken_for_ever(self):
        with pytest.raises(StampTooOld):
            check(age=timedelta(hours=24, seconds=1))

    @pytest.mark.parametrize(
        "stamp",
        ["", ":", "chat-one:0", STAMP[:-1], STAMP.replace("one", "two"), "x" * 5000],
    )
    def test_is_ours_or_nothing(self, stamp):
        with pytest.raises(StampInvalid):
            check(stamp, age=timedelta(seconds=5))

    def test_is_of_one_channel(self):
        with pytest.raises(StampInvalid):
            check(age=timedelta(seconds=5), key="chat-two")
