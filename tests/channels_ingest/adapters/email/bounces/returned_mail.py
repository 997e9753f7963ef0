"""Mail as it comes back."""

from textwrap import dedent

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
