"""Mail made to keep the reader of bounces busy."""

import time

import pytest

from channels_ingest.adapters.email.bounces import read_bounce
from tests.channels_ingest.adapters.email.bounces.returned_mail import (
    FAILED,
    plain,
    report,
)


class TestHostileMail:
    @pytest.mark.parametrize(
        "body",
        [
            "550 user unknown " + "a" * 300_000,
            "550 user unknown\n" + "@" * 300_000,
            "550 user unknown\n" + "a@" * 150_000,
            "550 user unknown\n" + "<" * 300_000,
            "550 user unknown\n" + "(generated from " * 20_000,
            "550 user unknown\n" + "a@b.example\n" * 30_000,
            "Your message to:\n" + "x" * 190 + "\n" + ("y" * 190 + "\n") * 2_000,
            "550 user unknown\n" + "Received: x\n" * 30_000,
            "--" * 100_000 + "\n550 user unknown",
            "quota " * 60_000,
            "user " * 60_000,
        ],
    )
    def test_is_read_in_bounded_time(self, body):
        raw = plain(body)
        started = time.process_time()

        read_bounce(raw)

        assert time.process_time() - started < 2

    @pytest.mark.parametrize("depth", [100, 1_000, 30_000])
    def test_with_parts_in_parts_in_parts_is_survived(self, depth):
        layers = (
            f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n'
            for n in range(depth)
        )
        raw = "From: MAILER-DAEMON@mx.example\n" + "".join(layers) + "\n550 no\n" * 999
        started = time.process_time()

        read_bounce(raw.encode())

        assert time.process_time() - started < 3

    @pytest.mark.parametrize("sender", ["ann@shop.example", "MAILER-DAEMON@mx.example"])
    def test_of_many_megabytes_is_read_in_bounded_time(self, sender):
        raw = plain("<ann@shop.example>: 550 unknown user\n" * 600_000, sender=sender)
        started = time.process_time()

        read_bounce(raw)

        assert time.process_time() - started < 3

    def test_with_many_thousand_recipients_is_cut(self):
        blocks = (
            f"Final-Recipient: rfc822;a{n}@shop.example\nAction: failed\n"
            for n in range(5_000)
        )

        assert 0 < len(read_bounce(report(*blocks)).recipients) <= 1_000

    def test_does_not_raise_on_broken_bytes(self):
        raw = report(FAILED)

        for position in range(0, len(raw), 7):
            read_bounce(raw[:position] + b"\xff\x00" + raw[position + 3 :])
