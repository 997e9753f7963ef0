"""Opening hours against a clock that is read minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.providers.chat.settings import DAYS, Hours
from helpdesk.chat.hours import hours_in_words, open_state, zone_of

WORKDAYS = dict.fromkeys(DAYS[:5], (("09:00", "17:00"),))
clock = st.builds(
    "{:02}:{:02}".format,
    st.integers(min_value=0, max_value=23),
    st.sampled_from([0, 15, 30, 59]),
)
weeks = st.dictionaries(
    st.sampled_from(DAYS), st.lists(st.tuples(clock, clock), max_size=3).map(tuple)
)
moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def minutes_of(text):
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def is_open_by_the_wall(hours, now):
    """Say the same by looking at the wall clock alone, where days have 24 hours."""
    wall = now.astimezone(zone_of(hours))
    minute = wall.hour * 60 + wall.minute
    today, yesterday = wall.date(), wall.date() - timedelta(days=1)
    if today.isoformat() in hours.holidays:
        return False
    for opens, closes in hours.days.get(DAYS[today.weekday()], ()):
        start, end = minutes_of(opens), minutes_of(closes)
        if start <= minute < (end if end > start else 24 * 60):
            return True
    if yesterday.isoformat() in hours.holidays:
        return False
    for opens, closes in hours.days.get(DAYS[yesterday.weekday()], ()):
        start, end = minutes_of(opens), minutes_of(closes)
        if end <= start and minute < end:
            return True
    return False


class TestOpenState:
    def test_is_always_open_without_hours(self):
        state = open_state(Hours(), now=at("2026-11-22T03:00"))

        assert (state.is_open, state.changes_at) == (True, None)

    @pytest.mark.parametrize(
        ("now", "is_open", "changes_at"),
        [
            ("2026-11-20T08:59", False, "2026-11-20T09:00"),
            ("2026-11-20T09:00", True, "2026-11-20T17:00"),
            ("2026-11-20T16:59", True, "2026-11-20T17:00"),
            ("2026-11-20T17:00", False, "2026-11-23T09:00"),
            ("2026-11-22T12:00", False, "2026-11-23T09:00"),
        ],
    )
    def test_follows_the_working_week(self, now, is_open, changes_at):
        state = open_state(Hours(days=WORKDAYS), now=at(now))

        assert state.is_open is is_open
        assert state.changes_at == at(changes_at)

    def test_is_closed_all_day_on_holidays(self):
        hours = Hours(days=WORKDAYS, holidays=("2026-11-23", "2026-11-24"))

        state = open_state(hours, now=at("2026-11-23T10:00"))

        assert (state.is_open, state.changes_at) == (False, at("2026-11-25T09:00"))

    def test_runs_over_midnight(self):
        hours = Hours(days={"sat": (("20:00", "02:00"),)})

        state = open_state(hours, now=at("2026-11-22T01:30"))

        assert (state.is_open, state.changes_at) == (True, at("2026-11-22T02:00"))

    def test_stops_at_midnight_when_a_holiday_begins(self):
        hours = Hours(days={"sat": (("20:00", "02:00"),)}, holidays=("2026-11-22",))

        state = open_state(hours, now=at("2026-11-21T23:00"))

        assert state.changes_at == at("2026-11-22T00:00")

    def test_goes_from_one_day_into_the_next_without_a_gap(self):
        days = {"mon": (("00:00", "24:00"),), "tue": (("00:00", "06:00"),)}

        state = open_state(Hours(days=days), now=at("2026-11-23T12:00"))

        assert state.changes_at == at("2026-11-24T06:00")

    def test_never_changes_when_it_never_closes(self):
        days = dict.fromkeys(DAYS, (("00:00", "24:00"),))

        assert open_state(Hours(days=days), now=at("2026-11-22T12:00")).is_open

    def test_closes_no_earlier_where_its_end_is_left_out_by_the_clock(self):
        berlin = "Europe/Berlin"
        hours = Hours(time_zone=berlin, days={"sat": (("22:00", "02:30"),)})

        before = open_state(hours, now=at("2026-03-29T01:45", berlin))
        after = open_state(hours, now=at("2026-03-29T03:30", berlin))

        assert before.is_open
        assert before.changes_at == at("2026-03-29T03:30", berlin)
        assert not after.is_open

    @pytest.mark.parametrize(
        ("now", "changes_at"),
        [
            # Clocks went forward in the night before the first, back before the second.
            ("2026-03-28T20:00", "2026-03-29T09:00"),
            ("2026-10-24T20:00", "2026-10-25T09:00"),
        ],
    )
    def test_opens_by_the_wall_clock_after_clocks_change(self, now, changes_at):
        hours = Hours(
            time_zone="Europe/Berlin",
            days=dict.fromkeys(DAYS, (("09:00", "17:00"),)),
        )

        state = open_state(hours, now=at(now, "Europe/Berlin"))

        assert state.changes_at == at(changes_at, "Europe/Berlin")

    @pytest.mark.parametrize(
        "span", [("9", "x"), ("25:00", "26:00"), ("09:60", "10:00")]
    )
    def test_passes_over_what_is_no_time(self, span):
        state = open_state(Hours(days={"mon": (span,)}), now=at("2026-11-23T09:30"))

        assert (state.is_open, state.changes_at) == (False, None)

    def test_takes_a_place_that_is_none_for_utc(self):
        hours = Hours(time_zone="Atlantis/Center", days=WORKDAYS)

        assert open_state(hours, now=at("2026-11-20T09:00")).is_open

    @given(
        days=weeks.filter(lambda week: any(week.values())),
        now=moments,
        zone=st.sampled_from(["UTC", "Asia/Kolkata", "Asia/Tokyo"]),
        holiday=st.integers(min_value=-2, max_value=5),
    )
    def test_agrees_with_the_wall(self, days, now, zone, holiday):
        day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=holiday)
        hours = Hours(time_zone=zone, days=days, holidays=(day.isoformat(),))

        state = open_state(hours, now=now)

        assert state.is_open is is_open_by_the_wall(hours, now)
        if state.changes_at:
            assert state.changes_at > now
            before = state.changes_at - timedelta(seconds=1)
            assert is_open_by_the_wall(hours, before) is state.is_open
            assert is_open_by_the_wall(hours, state.changes_at) is not state.is_open

    @given(
        days=weeks.filter(lambda week: any(week.values())),
        now=moments,
        zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe"]),
    )
    def test_is_open_or_closed_until_it_says_so_where_clocks_change(
        self, days, now, zone
    ):
        hours = Hours(time_zone=zone, days=days)

        state = open_state(hours, now=now)

        if state.changes_at:
            before = open_state(hours, now=state.changes_at - timedelta(seconds=1))
            after = open_state(hours, now=state.changes_at)
            assert before.is_open is state.is_open
            assert after.is_open is not state.is_open


class TestHoursInWords:
    def test_names_days_that_are_alike_together(self):
        days = {**WORKDAYS, "sat": (("10:00", "12:00"), ("13:00", "14:00"))}

        with translation.override("en"):
            words = hours_in_words(Hours(days=days))

        assert (
            words
            == "Mon\u2013Fri 09:00\u201317:00 · Sat 10:00\u201312:00, 13:00\u201314:00"
        )

    def test_says_nothing_of_what_is_always_open(self):
        assert hours_in_words(Hours()) == ""
