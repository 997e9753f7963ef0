import json

import pytest

from helpdesk.realtime.frames import MAX_PER_WINDOW, FrameReader, FrameRefused


def refusal(text):
    with pytest.raises(FrameRefused) as refused:
        FrameReader().read(text)
    return refused.value.code


class TestFrameReader:
    def test_reads_what_the_desk_says(self):
        frame = FrameReader().read('{"type": "view", "conversation": 7}')

        assert (frame.type, frame.conversation_id) == ("view", 7)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (None, 1003),
            ("x" * 10_000, 1009),
            ("not json", 1007),
            ("[1]", 1007),
            ("[" * 1900, 1007),
        ],
    )
    def test_refuses_what_is_not_ours(self, text, code):
        assert refusal(text) == code

    @pytest.mark.parametrize(
        "value", ["7", True, -1, 0, 2**70, 1.5, None, {}, [], "%", "conversation.*"]
    )
    def test_takes_nothing_but_a_number_for_a_conversation(self, value):
        text = json.dumps({"type": "view", "conversation": value})

        assert FrameReader().read(text).conversation_id is None

    def test_refuses_a_flood(self):
        reader = FrameReader()
        for _ in range(MAX_PER_WINDOW):
            reader.read('{"type": "ping"}')

        with pytest.raises(FrameRefused):
            reader.read('{"type": "ping"}')
