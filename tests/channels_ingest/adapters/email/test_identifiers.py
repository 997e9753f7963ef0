from datetime import UTC, datetime, timedelta, timezone

import pytest

from channels_ingest.adapters.email.identifiers import (
    message_ids,
    own_message_id,
    parse_date,
)
from channels_ingest.adapters.email.limits import MAX_REFERENCES


class TestMessageIds:
    def test_are_kept_in_order_and_once(self):
        assert message_ids(["<a@x> <b@x>", "<a@x>"]) == ("a@x", "b@x")

    def test_are_found_between_words(self):
        value = 'Your message of Monday "<a@x>"'

        assert message_ids([value]) == ("a@x",)

    def test_are_put_together_where_they_were_folded(self):
        assert message_ids(["<long-\t id@x>"]) == ("long-id@x",)

    def test_are_found_without_brackets(self):
        assert message_ids(["a@x, b@x"]) == ("a@x", "b@x")

    def test_keep_the_first_and_the_latest_of_very_many(self):
        ids = message_ids([" ".join(f"<{i}@x>" for i in range(5000))])

        assert len(ids) == MAX_REFERENCES
        assert (ids[0], ids[-1]) == ("0@x", "4999@x")

    @pytest.mark.parametrize("hostile", ["<" * 300_000, "@a" * 150_000, "a" * 300_000])
    def test_take_linear_time(self, hostile):
        message_ids([hostile])


class TestOwnMessageId:
    @pytest.mark.parametrize(
        ("value", "id_"),
        [("<a@x>", "a@x"), ("a@x", "a@x"), ("<no-at-sign>", "no-at-sign"), ("", "")],
    )
    def test_is_found_in_any_form(self, value, id_):
        assert own_message_id(value) == id_


class TestParseDate:
    @pytest.mark.parametrize(
        ("value", "moment"),
        [
            (
                "Tue, 1 Apr 2025 10:00:00 +0200",
                datetime(2025, 4, 1, 10, tzinfo=timezone(timedelta(hours=2))),
            ),
            ("1 Apr 25 10:00 GMT", datetime(2025, 4, 1, 10, tzinfo=UTC)),
            (
                "Tue, 1 Apr 2025 10:00:60 -0000",
                datetime(2025, 4, 1, 10, 0, 59, tzinfo=UTC),
            ),
            ("2025-04-01 10:00:00", datetime(2025, 4, 1, 10, tzinfo=UTC)),
            (
                "2025-04-01T10:00:00-05:30",
                datetime(
                    2025, 4, 1, 10, tzinfo=timezone(-timedelta(hours=5, minutes=30))
                ),
            ),
        ],
    )
    def test_reads_the_usual_forms(self, value, moment):
        assert parse_date(value) == moment

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "yesterday",
            "Tue, 99 Apr 2025 10:00:00 +0200",
            "1 Apr 2025 10:00 +9999999",
            "0000-00-00",
            "1 Apr 99999999999 10:00",
        ],
    )
    def test_is_none_for_what_cannot_be(self, value):
        assert parse_date(value) is None
