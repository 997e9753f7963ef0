from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.base import Unreadable
from channels_ingest.providers.chat.payload import (
    ChatMessage,
    external_id_of,
    packed,
    topic_key_of,
    unpacked,
    visitor_id_of,
)
from inbox.contract import Attachment, Verdict

MESSAGE = ChatMessage(
    client_id="c0ffee00-0000-4000-8000-000000000001",
    visitor_id="c0ffee00-0000-4000-8000-000000000002",
    handle="visitor:c0ffee00-0000-4000-8000-000000000002",
    scope="channel:7",
    name="Maya",
    topic_key="c0ffee00-0000-4000-8000-000000000003",
    text="Is it blue?\nOr green?",
    sent_at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
)
FILES = st.lists(st.binary(max_size=80), max_size=4)


class TestUnpacked:
    def test_is_the_message_as_the_inbox_takes_it(self):
        message = unpacked(packed(MESSAGE))

        sender = message.sender
        assert (message.text, message.sent_at) == (MESSAGE.text, MESSAGE.sent_at)
        assert (sender.kind, sender.handle) == ("chat", MESSAGE.handle)
        assert (sender.scope, sender.name) == ("channel:7", "Maya")
        assert message.external_id == f"{MESSAGE.visitor_id}:{MESSAGE.client_id}"
        assert message.own_keys == message.thread_keys
        assert not message.deserves_acknowledgement

    def test_names_the_conversation_that_the_api_has_checked(self):
        message = unpacked(packed(replace(MESSAGE, conversation_id=42, topic_key="")))

        assert (message.proven_conversation_id, message.is_reply) == (42, True)
        assert message.thread_keys == ()

    def test_says_whether_somebody_vouches_for_the_writer(self):
        anonymous = unpacked(packed(MESSAGE)).authentication
        known = unpacked(packed(replace(MESSAGE, is_proven=True))).authentication

        assert anonymous.verdict == Verdict.NONE
        assert known.verdict == Verdict.PASS
        assert known.explanation == "Signed by your website."

    @given(text=st.text(st.characters(codec="utf-8")), contents=FILES)
    def test_has_every_byte_again(self, text, contents):
        files = tuple(
            Attachment(name=f"{number}\n", content_type="a/b", content=content)
            for number, content in enumerate(contents)
        )

        message = unpacked(packed(replace(MESSAGE, text=text, files=files)))

        assert message.text == text
        assert message.attachments == files

    @pytest.mark.parametrize(
        "raw", [b"", b"{}", b"[]\n", b"null\n", b"From: a@b.example\r\n\r\nHi", b"\xff"]
    )
    def test_takes_nothing_that_is_none_of_ours(self, raw):
        with pytest.raises(Unreadable) as caught:
            unpacked(raw)

        assert caught.value.is_final

    def test_takes_no_message_whose_files_are_not_complete(self):
        file = Attachment(name="a", content_type="a/b", content=b"12345")
        raw = packed(replace(MESSAGE, files=(file,)))

        for damaged in (raw[:-1], raw + b"6"):
            with pytest.raises(Unreadable):
                unpacked(damaged)


class TestKeys:
    def test_are_the_visitors_own(self):
        keys = {topic_key_of(visitor_id=who, key="same") for who in ("one", "two")}
        ids = {external_id_of(visitor_id=who, client_id="1") for who in ("one", "two")}

        assert (len(keys), len(ids)) == (2, 2)

    def test_lead_back_to_the_visitor(self):
        external_id = external_id_of(visitor_id=MESSAGE.visitor_id, client_id="1")

        assert str(visitor_id_of(external_id)) == MESSAGE.visitor_id

    @pytest.mark.parametrize("external_id", ["", ":", "m1@people.example", "1:2"])
    def test_of_mail_lead_to_nobody(self, external_id):
        assert visitor_id_of(external_id) is None
