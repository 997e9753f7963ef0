"""Bounces, as the adapter of mail tells them."""

from channels_ingest.adapters.email.signed_ids import (
    sign_bounce_address,
    sign_message_id,
)
from inbox.contract import InboundMessage, Nature, Receipt
from tests.channels_ingest.adapters.email.adapting import SECRET, parse

BOUNCE = """\
From: MAILER-DAEMON@mx.example
To: support@shop.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Maya@people.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

From: support@shop.example
To: maya@people.example
Subject: Your parcel
{original}
--b--
"""


def bounce(original=""):
    return BOUNCE.format(original=original).replace("\n", "\r\n").encode()


class TestReceipt:
    def test_names_the_message_by_the_address_it_came_to(self):
        address = sign_bounce_address(
            secret=SECRET, conversation=3, item=4, domain="shop.example"
        )

        (found,) = parse(bounce(), rcpt_to=[address])

        assert isinstance(found, Receipt)
        assert found.proven_item_id == 4
        assert found.recipient == "maya@people.example"
        assert found.is_permanent
        assert found.reason
        assert "550 5.1.1" in found.diagnostic

    def test_names_the_message_by_its_signed_id(self):
        key = sign_message_id(
            secret=SECRET, conversation=3, item=4, domain="shop.example"
        )

        (found,) = parse(bounce(f"Message-ID: {key}\n"))

        assert found.proven_item_id == 4

    def test_of_a_message_that_may_not_be_ours_brings_itself_along(self):
        (found,) = parse(bounce("Message-ID: <unknown@shop.example>\n"))

        assert found.proven_item_id is None
        assert found.message_keys == ("unknown@shop.example",)
        assert found.otherwise.nature == Nature.BOUNCE

    def test_that_names_nothing_is_an_ordinary_message(self):
        (found,) = parse(bounce())

        assert isinstance(found, InboundMessage)
        assert found.nature == Nature.BOUNCE
        assert not found.deserves_acknowledgement
