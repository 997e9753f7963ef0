from email.message import EmailMessage

import pytest

from channels_ingest.adapters.email.bounces import read_bounce
from tests.channels_ingest.adapters.email.bounces.returned_mail import (
    DELAYED,
    DELIVERED,
    FAILED,
    addresses,
    plain,
    report,
)


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
