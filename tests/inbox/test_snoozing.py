from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from inbox.snoozing import snooze_choices

LYON = ZoneInfo("Europe/Paris")


class TestSnoozeChoices:
    @pytest.mark.parametrize("day", range(1, 8))
    def test_are_all_in_the_future_whatever_the_weekday(self, day):
        now = datetime(2026, 6, day, 23, 59, tzinfo=LYON)

        assert all(choice.at > now for choice in snooze_choices(now))

    def test_mean_the_morning_of_the_agent(self):
        now = datetime(2026, 3, 28, 15, 0, tzinfo=LYON)

        tomorrow = snooze_choices(now)[1].at

        # The clocks go forward in between.
        assert tomorrow == datetime(2026, 3, 29, 9, 0, tzinfo=LYON)
        assert tomorrow.utcoffset() != now.utcoffset()

    def test_monday_is_never_today(self):
        monday = datetime(2026, 6, 1, 8, 0, tzinfo=LYON)

        assert snooze_choices(monday)[2].at == datetime(2026, 6, 8, 9, tzinfo=LYON)
