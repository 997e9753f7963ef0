"""Bounces that say it in words only."""

import pytest

from channels_ingest.adapters.email.bounces import read_bounce
from tests.channels_ingest.adapters.email.bounces.returned_mail import (
    FAILED,
    addresses,
    plain,
    report,
)


class TestPlainWords:
    @pytest.mark.parametrize(
        "body",
        [
            """\
            Hi. This is the mail program at mx.example.
            I could not deliver your message to these addresses.

            <ann@shop.example>:
            Remote host said: 550 no such user

            --- Below this line is a copy of the message.

            From: support@desk.example
            To: other@shop.example
            """,
            """\
            The following address could not be reached:

              ann@shop.example
                host mx.shop.example said: 550 5.1.1 unknown user
                (generated from sales@alias.example)
            """,
            """\
               ----- Transcript of session follows -----
            While talking to mx.shop.example:
            >>> MAIL From:<support@desk.example>
            <<< 250 ok
            >>> RCPT To:<ann@shop.example>
            <<< 550 <ann@shop.example>... User unknown
            """,
            """\
            Your message

              To:      support@desk.example
              Subject: Your parcel

            did not reach the following recipient(s):

            ann@shop.example on Mon, 2 Mar 2020 10:00:00 +0100
                The recipient name is not recognized
            """,
            """\
            下記の宛先にメールを送信できませんでした。
            宛先: ann@shop.example
            550 Unknown user
            """,
            """\
            Die Nachricht konnte nicht zugestellt werden an
            • ann@shop.example
            550 Postfach unbekannt
            """,
        ],
    )
    def test_yield_the_address_that_failed(self, body):
        assert addresses(plain(body)) == ["ann@shop.example"]

    def test_yield_each_of_several_addresses_once(self):
        raw = plain("""\
            These addresses had permanent fatal errors:

            <ann@shop.example>
            <Bo@shop.example>

            550 <ann@shop.example>... User unknown
            550 <bo@shop.example>... User unknown
            """)

        assert sorted(addresses(raw), key=str.lower) == [
            "ann@shop.example",
            "Bo@shop.example",
        ]

    def test_are_taken_from_a_report_that_is_html_only(self):
        raw = plain(
            "<style>p {color: red}</style><p>Delivery has failed to this address:</p>"
            "<p>ann@shop.example</p><p>550 5.1.1 unknown user</p>",
            Content_Type="text/html",
        )

        assert addresses(raw) == ["ann@shop.example"]

    def test_are_decoded_without_a_charset(self):
        body = "エラー: ユーザーが存在しません\n550 unknown user <ann@shop.example>\n"
        raw = plain("").rstrip() + b"\n\n" + body.encode("iso2022_jp")

        assert addresses(raw) == ["ann@shop.example"]

    def test_say_when_the_server_still_tries(self):
        raw = plain(
            """\
            THIS IS A WARNING MESSAGE ONLY. You do not need to resend your message.

            <ann@shop.example>: 421 connection timed out
            Delivery will be retried for 3 more days.
            """,
            subject="Warning: could not send message for past 4 hours",
        )

        (recipient,) = read_bounce(raw).recipients

        assert recipient.action == "delayed"

    def test_name_nobody_but_the_message_was_meant_for_somebody(self):
        raw = plain("""\
            Your message could not be delivered. No such user.

            ------ This is a copy of your message ------
            Received: from desk.example by mx.example
            From: support@desk.example
            To: ann@shop.example
            Subject: Your parcel
            """)

        assert addresses(raw) == ["ann@shop.example"]

    def test_survive_the_loss_of_the_content_type(self):
        raw = report(FAILED).replace(
            b"Content-Type: multipart/report; report-type=delivery-status;"
            b' boundary="cut"\n',
            b"",
        )

        assert addresses(raw) == ["ann@shop.example"]

    @pytest.mark.parametrize("sender", [b"", b"From:\n", b"From: \n", b"From: ,\n"])
    def test_are_read_though_nobody_says_who_wrote_them(self, sender):
        raw = (
            b"Return-Path: <>\n" + sender + b"Subject: Undelivered mail\n\n"
            b"Your message to ann@shop.example could not be delivered.\n"
            b"<ann@shop.example>: 550 5.1.1 no such user\n"
        )

        assert addresses(raw) == ["ann@shop.example"]
