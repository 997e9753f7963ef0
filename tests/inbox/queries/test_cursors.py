from datetime import UTC, datetime

import pytest

from inbox.queries import BadCursor, Cursor, cursor_from


class TestCursorFrom:
    def test_reads_what_a_cursor_says(self):
        cursor = Cursor(datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), 42)

        assert cursor_from(str(cursor)) == cursor
        assert cursor_from(str(Cursor(None, 7))) == Cursor(None, 7)

    def test_takes_nothing_for_the_beginning(self):
        assert cursor_from("") is None

    @pytest.mark.parametrize(
        "token",
        [
            *("x", "1", "1_", "_1", "1_2_3", "1_x", "٣_1", "1_1\n", "' OR 1=1--_1"),
            "9" * 30 + "_1",
            "1_" + "9" * 40,
        ],
    )
    def test_refuses_everything_else(self, token):
        with pytest.raises(BadCursor):
            cursor_from(token)
