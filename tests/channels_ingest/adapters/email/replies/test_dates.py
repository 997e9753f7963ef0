# Words in many scripts.
# ruff: noqa: RUF001
from datetime import UTC, datetime, timedelta, timezone

import pytest

from channels_ingest.adapters.email.replies.dates import read_date

SAME_MOMENT = [
    "Mon, 4 May 2026 17:01:00 +0000",
    "Monday, May 4, 2026 5:01 PM",
    "Mon, May 4, 2026 at 5:01 PM",
    "04.05.2026 17:01",
    "5/4/2026 5:01 PM",
    "2026-05-04 17:01",
    "Montag, 4. Mai 2026 17:01",
    "4. Mai 2026 um 17:01:00 MESZ",
    "lun. 4 mai 2026 à 17:01",
    "mar. 4 mai 2026 à 17h01",
    "lunes, 4 de mayo de 2026 17:01",
    "segunda-feira, 4 de maio de 2026 17:01",
    "lunedì 4 maggio 2026 17:01",
    "maandag 4 mei 2026 17:01",
    "den 4 maj 2026 17:01",
    "4. toukokuuta 2026 17.01",
    "poniedziałek, 4 maja 2026 17:01",
    "pondělí 4. května 2026 17:01",
    "2026. május 4. 17:01",
    "4 мая 2026 г., 17:01",
    "4 травня 2026 р. 17:01",
    "4 Mayıs 2026 Pazartesi 17:01",
    "4 Μαΐου 2026 5:01 μ.μ.",
    "٤ مايو ٢٠٢٦ ١٧:٠١",
    "2026年5月4日 下午5:01",
    "2026年5月4日(月) 17:01",
    "2026년 5월 4일 월요일 오후 5:01",
    "17:01 4 tháng 5, 2026",
]


class TestReadDate:
    @pytest.mark.parametrize("text", SAME_MOMENT)
    def test_reads_many_languages(self, text):
        assert read_date(text) == datetime(2026, 5, 4, 17, 1, tzinfo=UTC)

    def test_keeps_the_time_zone(self):
        zone = timezone(timedelta(hours=2))

        assert read_date("Mon, 4 May 2026 17:01:22 +0200") == datetime(
            2026, 5, 4, 17, 1, 22, tzinfo=zone
        )

    def test_puts_the_day_first_unless_the_hour_is_american(self):
        assert read_date("05/04/2026 17:01").month == 4
        assert read_date("05/04/2026 5:01 PM").month == 5

    @pytest.mark.parametrize(
        "text", ["", "soon", "31.02.2026", "May", "99/99/9999", "2026"]
    )
    def test_returns_nothing_for_what_is_no_date(self, text):
        assert read_date(text) is None
