import string

import pytest

from channels_ingest.adapters.email.signed_ids import (
    LocalPartTooLong,
    SignedMessageId,
    SignedReplyAddress,
    read_bounce_address,
    read_message_id,
    read_reply_address,
    sign_bounce_address,
    sign_message_id,
    sign_reply_address,
)

SECRET = "correct horse battery staple"
OTHER_SECRET = "correct horse battery stable"


def signed(**changes):
    values = {"secret": SECRET, "conversation": 42, "item": 7, "domain": "desk.example"}
    return sign_message_id(**values | changes)


def read(message_id, secret=SECRET):
    return read_message_id(secret=secret, message_id=message_id)


def address(**changes):
    values = {
        "secret": SECRET,
        "address": "support@desk.example",
        "conversation": 42,
        "channel": 3,
    }
    return sign_reply_address(**values | changes)


def read_address(value, secret=SECRET):
    return read_reply_address(secret=secret, address=value)


class TestSignedMessageId:
    def test_names_conversation_and_item(self):
        assert read(signed()) == SignedMessageId(conversation=42, item=7)

    def test_is_the_same_each_time(self):
        assert signed() == signed()

    def test_is_read_without_brackets_and_in_any_case(self):
        assert read(signed().strip("<>").upper()) is not None

    def test_holds_the_largest_ids(self):
        large = signed(conversation=2**48 - 1, item=2**48 - 1)

        assert read(large).conversation == 2**48 - 1

    def test_of_another_secret_does_not_verify(self):
        assert read(signed(secret=OTHER_SECRET)) is None

    def test_of_another_domain_does_not_verify(self):
        assert read(signed().replace("desk.example", "evil.example")) is None

    def test_does_not_verify_with_any_letter_changed(self):
        original = signed()
        alphabet = string.ascii_lowercase + "234567"

        for position in range(1, original.index("@")):
            for letter in alphabet:
                if letter != original[position]:
                    forged = original[:position] + letter + original[position + 1 :]
                    assert read(forged) is None

    def test_does_not_verify_shortened_or_lengthened(self):
        local, _, domain = signed().strip("<>").partition("@")

        for length in range(len(local)):
            assert read(f"<{local[:length]}@{domain}>") is None
        assert read(f"<{local}a@{domain}>") is None
        assert read(f"<{local}\n@{domain}>") is None

    def test_of_one_thread_cannot_be_made_into_another_thread_s(self):
        mine, other = signed(conversation=1), signed(conversation=2)
        half = len(mine.partition("@")[0]) - 20

        assert read(mine[:half] + other[half:]) is None

    @pytest.mark.parametrize(
        "form",
        [
            "<reply-{n}-x@desk.example>",
            "<notify-{n}-1-x@desk.example>",
            "<{n}.1@desk.example>",
            "<{n}@desk.example>",
            "<conversation/{n}@desk.example>",
            "#{n}",
            "{n}",
            "",
        ],
    )
    def test_is_never_found_by_counting(self, form):
        assert all(read(form.format(n=n)) is None for n in range(1, 200))

    def test_needs_a_secret_worth_the_name(self):
        with pytest.raises(ValueError, match="16"):
            signed(secret="short")


class TestSignedReplyAddress:
    def test_names_conversation_and_channel(self):
        assert read_address(address()) == SignedReplyAddress(conversation=42, channel=3)

    def test_fits_a_local_part_and_survives_capitals(self):
        local = address().rpartition("@")[0]

        assert len(local) <= 64
        assert read_address(address().upper()) is not None

    def test_is_read_with_a_name_around_it(self):
        assert read_address(f"Support <{address()}>") is not None

    def test_refuses_a_mailbox_whose_name_is_too_long(self):
        assert address(address=f"{'a' * 22}@desk.example")
        with pytest.raises(LocalPartTooLong):
            address(address=f"{'a' * 23}@desk.example")

    @pytest.mark.parametrize(
        "change",
        [
            ("support+", "sales+"),
            ("desk.example", "evil.example"),
            ("+r", "+b"),
            ("+r", "+"),
            ("+r", "+x+r"),
        ],
    )
    def test_does_not_verify_when_moved(self, change):
        assert read_address(address().replace(*change)) is None

    @pytest.mark.parametrize(
        "other", ["support@desk.example", "support+42@desk.example"]
    )
    def test_does_not_verify_without_a_token(self, other):
        assert read_address(other) is None


class TestSignedBounceAddress:
    def test_names_our_message(self):
        signed_address = sign_bounce_address(
            secret=SECRET, conversation=42, item=7, domain="desk.example"
        )

        assert read_bounce_address(
            secret=SECRET, address=signed_address
        ) == SignedMessageId(conversation=42, item=7)
        assert read_address(signed_address) is None
        assert read(signed_address.replace("bounce+b", "")) is None
