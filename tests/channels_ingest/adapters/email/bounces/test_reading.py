import time
from email.message import EmailMessage
from textwrap import dedent

import pytest

from channels_ingest.adapters.email.bounces import read_bounce

REPORT = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@relay.example.net>
To: bounce+btoken@desk.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

Sorry, one of your recipients did not get the message.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net
Original-Envelope-Id: envelope-7

{blocks}
--cut
Content-Type: message/rfc822

From: Support <support@desk.example>
To: ann@shop.example
Message-ID: <abc@desk.example>
X-Marker: one
 two

Hello Ann

--cut--
"""
FAILED = """\
Original-Recipient: rfc822;ann@shop.example
Final-Recipient: rfc822;ann.smith@mailhost.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.mailhost.example
Diagnostic-Code: smtp; 550 5.1.1 no such user
 here
"""
DELAYED = """\
Final-Recipient: rfc822;bo@shop.example
Action: delayed
Status: 4.2.2
Diagnostic-Code: smtp; 452 4.2.2 mailbox full
"""
DELIVERED = """\
Final-Recipient: rfc822;cy@shop.example
Action: delivered
Status: 2.0.0
"""


def report(*blocks):
    return REPORT.format(blocks="\n".join(blocks)).encode()


def plain(body, *, subject="Returned mail", sender="MAILER-DAEMON@mx.example", **more):
    headers = {
        "From": sender,
        "To": "support@desk.example",
        "Subject": subject,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    head = "".join(f"{name}: {value}\n" for name, value in headers.items())
    return f"{head}\n{dedent(body)}".encode()


def addresses(raw):
    bounce = read_bounce(raw)
    return [recipient.address for recipient in bounce.recipients] if bounce else None


class TestStandardReport:
    def test_names_the_address_we_wrote_to_and_where_it_led(self):
        (recipient,) = read_bounce(report(FAILED)).recipients

        assert recipient.address == "ann@shop.example"
        assert recipient.final_address == "ann.smith@mailhost.example"

    def test_keeps_status_server_and_unfolded_answer(self):
        (recipient,) = read_bounce(report(FAILED)).recipients

        assert recipient.status == "5.1.1"
        assert recipient.remote_mta == "mx.mailhost.example"
        assert recipient.diagnostic == "550 5.1.1 no such user here"

    def test_says_in_plain_words_that_the_mailbox_does_not_exist(self):
        bounce = read_bounce(report(FAILED))

        assert bounce.reason == "The mailbox does not exist."
        assert bounce.is_permanent
        assert bounce.is_hard

    def test_says_that_the_server_keeps_trying(self):
        bounce = read_bounce(report(DELAYED))

        assert bounce.reason == "Their mailbox is full; the server keeps trying."
        assert not bounce.is_permanent
        assert not bounce.is_hard

    def test_points_back_to_our_message(self):
        bounce = read_bounce(report(FAILED))

        assert bounce.original_message_id == "<abc@desk.example>"
        assert bounce.original_envelope_id == "envelope-7"
        assert bounce.original_values("x-marker") == ("one two",)
        assert bounce.delivered_to == ("bounce+btoken@desk.example",)

    def test_leaves_out_whom_the_message_reached(self):
        assert addresses(report(DELIVERED, FAILED)) == ["ann@shop.example"]

    def test_is_no_bounce_when_everybody_got_it(self):
        assert read_bounce(report(DELIVERED)) is None

    def test_reads_fields_that_a_blank_line_tears_apart(self):
        torn = "Final-Recipient: rfc822;di@shop.example\n\nAction: failed\n"

        assert addresses(report(torn)) == ["di@shop.example"]

    def test_decodes_international_addresses(self):
        block = (
            "Final-Recipient: utf-8; j\\x{F6}rg@shop.example\n"
            "Action: failed\nStatus: 5.1.1\n"
        )

        assert addresses(report(block)) == ["jörg@shop.example"]

    def test_finds_the_report_inside_of_a_mixed_message(self):
        inner = report(FAILED).split(b"MIME-Version: 1.0\n", 1)[1]
        raw = (
            b"From: postmaster@mx.example\nSubject: hello\n"
            b'Content-Type: multipart/mixed; boundary="outer"\n\n'
            b"--outer\n" + inner + b"\n--outer--\n"
        )

        assert addresses(raw) == ["ann@shop.example"]

    def test_stays_a_bounce_when_the_address_has_been_made_unreadable(self):
        block = "Final-Recipient: rfc822;ann...@shop.example\nAction: failed\n"

        assert addresses(report(block)) == []


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


class TestNoBounce:
    def test_is_a_person_who_forwards_a_report(self):
        raw = plain(
            """\
            What does this mean?

            > <ann@shop.example>: 550 5.1.1 user unknown
            > Your message could not be delivered.
            """,
            sender="Bo <bo@shop.example>",
            subject="Fwd: Undelivered Mail Returned to Sender",
        )

        assert read_bounce(raw) is None

    def test_is_a_person_who_attaches_a_report(self):
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "bo@shop.example", "Look at this"
        mail.set_content("My mail came back, why?")
        attached = EmailMessage()
        attached["From"] = "MAILER-DAEMON@mx.example"
        attached.set_content("<ann@shop.example>: 550 user unknown")
        mail.add_attachment(attached)

        assert read_bounce(mail.as_bytes()) is None

    @pytest.mark.parametrize(
        ("subject", "body"),
        [
            ("Delivery failed", "The delivery failed, please send the parcel again."),
            ("Undelivered mail", "<bo@shop.example>: 550 5.1.1 user unknown. Why?"),
            ("Parcel rejected", "My bank rejected it: 554 Main Street is wrong."),
        ],
    )
    def test_is_a_customer_whose_parcel_did_not_arrive(self, subject, body):
        raw = plain(body, sender="Ann <ann@shop.example>", subject=subject)

        assert read_bounce(raw) is None

    def test_is_a_postmaster_who_writes_by_hand(self):
        raw = plain(
            "Hello, your last mail could not be delivered to Ann. Please call us.",
            sender="postmaster@shop.example",
            subject="Re: Your mail",
        )

        assert read_bounce(raw) is None

    def test_is_a_notice_of_absence_that_speaks_of_delivery(self):
        raw = plain(
            "I have left. Your message was not delivered to me: 550 Main Street.",
            sender="ann@shop.example",
            subject="Automatic reply: Delivery failure",
            Return_Path="<>",
        )

        assert read_bounce(raw) is None

    def test_is_an_out_of_office_notice_with_a_null_return_path(self):
        raw = plain(
            "I am away until Monday.",
            sender="ann@shop.example",
            subject="Automatic reply: Your parcel",
            Return_Path="<>",
            Auto_Submitted="auto-replied",
        )

        assert read_bounce(raw) is None

    @pytest.mark.parametrize(
        ("report_type", "part"),
        [
            ("feedback-report", "message/feedback-report"),
            ("disposition-notification", "message/disposition-notification"),
        ],
    )
    def test_is_a_complaint_or_a_read_receipt(self, report_type, part):
        raw = (
            report(FAILED)
            .replace(
                b"report-type=delivery-status", f"report-type={report_type}".encode()
            )
            .replace(b"message/delivery-status", part.encode())
        )

        assert read_bounce(raw) is None

    def test_is_an_ordinary_question(self):
        raw = plain("Where is it?", sender="ann@shop.example", subject="My parcel")

        assert read_bounce(raw) is None


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
