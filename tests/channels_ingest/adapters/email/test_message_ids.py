import time

import pytest

from channels_ingest.adapters.email.message_ids import (
    message_ids_in,
    normalize_message_id,
    parent_ids,
)


class TestMessageIdsIn:
    @pytest.mark.parametrize(
        ("value", "ids"),
        [
            ("<a@x.example>", ["a@x.example"]),
            ("a@x.example", ["a@x.example"]),
            (" <a@x.example>\r\n <b@x.example>", ["a@x.example", "b@x.example"]),
            ("<a@x.example><b@x.example>", ["a@x.example", "b@x.example"]),
            ("<a@x.example>, <a@x.example>", ["a@x.example"]),
            ("<very-long-\r\n part@x.example>", ["very-long-part@x.example"]),
            ("<nodomain>", ["nodomain"]),
            ("nodomain", ["nodomain"]),
            ('<"quoted part"@x.example>', ["quotedpart@x.example"]),
            ("Your message of Monday <a@x.example>", ["a@x.example"]),
            ("Ann's message of Monday (today)", []),
            ("message from ann@shop.example", []),
            ("", []),
            ("<>", []),
            ("\0", []),
        ],
    )
    def test_finds_what_is_an_id(self, value, ids):
        assert message_ids_in(value) == ids

    @pytest.mark.parametrize("piece", ["<", "(", '"', "<a", "a@", "<a@b> "])
    def test_takes_bounded_time(self, piece):
        started = time.process_time()

        message_ids_in(piece * 200_000)

        assert time.process_time() - started < 1


class TestNormalizeMessageId:
    def test_keeps_the_case_of_letters(self):
        assert normalize_message_id(" <AbC@x.example> ") == "AbC@x.example"


class TestParentIds:
    def test_begins_with_the_answered_message_then_the_nearest(self):
        ids = parent_ids(
            in_reply_to=["<c@x.example>"],
            references=["<a@x.example> <b@x.example> <c@x.example>"],
        )

        assert ids == ("c@x.example", "b@x.example", "a@x.example")
