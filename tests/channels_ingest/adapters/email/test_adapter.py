import pytest

from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.adapters.email.signed_ids import (
    sign_bounce_address,
    sign_message_id,
)
from channels_ingest.base import Account, RawInput
from inbox.contract import Ignored, InboundMessage, Nature, Receipt, Verdict
from tests.factories.channels_ingest import mail_source

SECRET = "a secret for signed mail ids"
MX = "mx.shop.example"
AGENT = "ada@shop.example"


def adapter(**config):
    return EmailAdapter(
        Account(
            channel_id=1,
            kind="email",
            address="support@shop.example",
            config=config,
            own_addresses=frozenset({"support@shop.example", "sales@shop.example"}),
            colleagues=frozenset({AGENT}),
            token_keys=("an older secret, still read", SECRET),
        )
    )


def parse(raw, *, config=None, source="smtp", **headers):
    return adapter(**(config or {})).parse(
        RawInput(raw=raw, source=source, headers=headers, external_id="key")
    )


def message(raw, **options):
    (found,) = parse(raw, **options)
    assert isinstance(found, InboundMessage)
    return found


def multipart(*parts, kind="mixed", headers=()):
    head = mail_source(headers=headers).split(b"Content-Type")[0]
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return (
        head
        + f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n".encode()
        + body
        + b"--b--\r\n"
    )


TEXT = b"Content-Type: text/plain\r\n\r\nHello"
HTML = b"Content-Type: text/html\r\n\r\n"
PNG = (
    b"Content-Type: image/png\r\nContent-ID: <logo@x>\r\n"
    b"Content-Disposition: inline; filename=logo.png\r\n\r\nPNG"
)
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


class TestMessage:
    def test_is_in_our_terms(self):
        found = message(
            mail_source(
                headers=[("Cc", "Jo <JO@people.example>"), ("Reply-To", "r@x.example")]
            )
        )

        assert found.external_id == "key"
        assert found.sender.handle == "maya@people.example"
        assert found.sender.name == "Maya"
        assert found.subject == "Where is my parcel?"
        assert found.text == "It should have come on Monday."
        assert found.own_keys == ("one@people.example",)
        assert {(r.role, r.handle) for r in found.recipients} == {
            ("to", "support@shop.example"),
            ("cc", "jo@people.example"),
            ("reply_to", "r@x.example"),
        }
        assert found.nature == Nature.PERSON
        assert found.deserves_acknowledgement

    def test_is_the_same_every_time(self):
        raw = multipart(TEXT, PNG)

        assert parse(raw) == parse(raw)

    def test_has_history_and_signature_apart(self):
        text = (
            "Yes, please.\n\n-- \nMaya\n\nOn Fri, 20 Nov 2026 at 10:00, Shop wrote:\n"
            "> Shall we send it again?\n"
        )

        found = message(mail_source(text=text))

        assert found.text == "Yes, please."
        assert "Shall we send it again?" in found.quoted_text

    def test_is_shown_whole_if_all_of_it_looks_quoted(self):
        found = message(mail_source(text="> Shall we send it again?"))

        assert found.text == "> Shall we send it again?"

    def test_has_html_that_runs_nothing_and_loads_nothing(self):
        found = message(
            multipart(
                TEXT,
                HTML + b"<script>alert(1)</script><p onclick=x>Hello</p>"
                b"<img src='https://t.example/p.png' width=200>",
                kind="alternative",
            )
        )

        assert "script" not in found.html
        assert "onclick" not in found.html
        assert " src=" not in found.html
        assert found.remote_images == 1

    def test_keeps_pictures_of_its_text_apart_from_files(self):
        shown = message(
            multipart(HTML + b"<p>Hi <img src='cid:logo@x'></p>", PNG, kind="related")
        )
        not_shown = message(multipart(TEXT, PNG))

        assert shown.attachments[0].is_inline
        assert not not_shown.attachments[0].is_inline

    def test_names_the_nearest_earlier_message_first(self):
        found = message(
            mail_source(
                headers=[("In-Reply-To", "<b@x>"), ("References", "<a@x> <c@x> <b@x>")]
            )
        )

        assert found.thread_keys == ("b@x", "c@x", "a@x")
        assert found.is_reply

    def test_without_a_sender_is_nobody_elses(self):
        nameless = mail_source().split(b"\r\n", 1)[1]

        first = message(nameless)
        second = message(nameless + b"more")

        assert first.sender.handle != second.sender.handle
        assert first.text

    def test_without_a_from_is_the_envelope_senders(self):
        nameless = mail_source().split(b"\r\n", 1)[1]

        found = message(nameless, mail_from="maya@people.example")

        assert found.sender.handle == "maya@people.example"

    def test_with_a_date_beyond_all_calendars_has_some_date(self):
        raw = mail_source().replace(b"21 Nov 2026", b"31 Dec 9999")

        assert message(raw).sent_at.tzinfo is not None

    def test_says_that_it_was_cut(self):
        found = message(mail_source(), source="imap", is_cut=True)

        assert any("too large" in warning for warning in found.warnings)

    @pytest.mark.parametrize("raw", [b"", b"\0", b"\xff" * 1000, b"\r\n\r\n", b"x:"])
    def test_is_made_of_anything(self, raw):
        assert parse(raw)


class TestNature:
    @pytest.mark.parametrize(
        ("headers", "nature"),
        [
            ([("Auto-Submitted", "auto-replied")], Nature.AUTO_REPLY),
            ([("Auto-Submitted", "auto-generated")], Nature.NOTIFICATION),
            ([("List-Id", "<talk.example>")], Nature.LIST),
            ([], Nature.PERSON),
        ],
    )
    def test_says_what_wrote_it(self, headers, nature):
        assert message(mail_source(headers=headers)).nature == nature

    def test_of_a_machine_deserves_no_acknowledgement(self):
        raw = mail_source(headers=[("Auto-Submitted", "auto-replied")])

        assert not message(raw).deserves_acknowledgement


class TestIgnored:
    @pytest.mark.parametrize(
        "raw",
        [
            mail_source(sender="support@shop.example"),
            mail_source(sender="SALES@shop.example"),
            mail_source(headers=[("Received", "by a")] * 40),
        ],
    )
    def test_is_what_runs_in_a_circle(self, raw):
        (found,) = parse(raw)

        assert isinstance(found, Ignored)
        assert found.reason

    def test_is_a_message_of_ours_that_came_back(self):
        ours = sign_message_id(
            secret=SECRET, conversation=1, item=2, domain="shop.example"
        )

        (found,) = parse(mail_source(message_id=ours.strip("<>")))

        assert isinstance(found, Ignored)


class TestProof:
    def test_names_the_conversation_of_a_signed_id(self):
        key = sign_message_id(
            secret=SECRET, conversation=7, item=8, domain="shop.example"
        )

        found = message(mail_source(headers=[("References", f"<x@y> {key}")]))

        assert found.proven_conversation_id == 7

    def test_is_not_given_by_an_id_signed_with_another_secret(self):
        key = sign_message_id(
            secret="a stranger's own secret", conversation=7, item=8, domain="x.example"
        )

        found = message(mail_source(headers=[("References", key)]))

        assert found.proven_conversation_id is None


class TestAuthentication:
    def results(self, verdict, server=MX):
        value = f"{server}; spf=pass smtp.mailfrom=people.example; dmarc={verdict}"
        return [("Authentication-Results", f"{value} header.from=people.example")]

    @pytest.mark.parametrize(
        ("verdict", "expected"), [("pass", Verdict.PASS), ("fail", Verdict.FAIL)]
    )
    def test_is_taken_from_a_server_that_we_trust(self, verdict, expected):
        found = message(
            mail_source(headers=self.results(verdict)),
            config={"trusted_servers": [MX]},
        )

        assert found.authentication.verdict == expected
        assert found.authentication.explanation

    def test_is_not_taken_from_anybody_else(self):
        raw = mail_source(headers=self.results("pass", server="evil.example"))

        found = message(raw, config={"trusted_servers": [MX]})

        assert found.authentication.verdict == Verdict.NONE


class TestForwardedByAColleague:
    FORWARD = (
        "Can you help her?\n\n---------- Forwarded message ---------\n"
        "From: Maya <maya@people.example>\nDate: Fri, 20 Nov 2026 at 10:00\n"
        "Subject: My parcel\nTo: <ada@shop.example>\n\nWhere is it?\n"
    )
    INNER = (
        b"Content-Type: message/rfc822\r\n\r\n"
        b"From: Maya <maya@people.example>\r\nSubject: My parcel\r\n"
        b"Message-ID: <inner@people.example>\r\n"
        b"Content-Type: text/plain\r\n\r\nWhere is it?\r\n"
    )
    TRUSTED = {"trusts_colleagues": True, "trusted_networks": ["10.0.0.0/8"]}

    def test_is_its_authors(self):
        found = message(
            mail_source(sender=AGENT, name="Ada", text=self.FORWARD),
            config=self.TRUSTED,
            peer="10.1.2.3",
        )

        assert found.sender.handle == "maya@people.example"
        assert found.text == "Where is it?"
        assert found.subject == "My parcel"
        assert found.claimed_sender.handle == AGENT
        assert "Can you help her?" in found.quoted_text
        assert not found.deserves_acknowledgement

    def test_as_a_file_is_its_authors(self):
        raw = multipart(TEXT, self.INNER).replace(
            b"From: Maya <maya@people.example>", f"From: {AGENT}".encode(), 1
        )

        found = message(raw, config=self.TRUSTED, peer="10.1.2.3")

        assert found.sender.handle == "maya@people.example"
        assert found.text == "Where is it?"

    @pytest.mark.parametrize(
        ("config", "peer"),
        [
            ({}, "10.1.2.3"),
            (TRUSTED, "192.0.2.1"),
            (TRUSTED, "nonsense"),
            ({**TRUSTED, "trusts_colleagues": False}, "10.1.2.3"),
        ],
    )
    def test_is_not_believed_without_proof(self, config, peer):
        found = message(
            mail_source(sender=AGENT, text=self.FORWARD), config=config, peer=peer
        )

        assert found.sender.handle == AGENT
        assert found.claimed_sender is None

    def test_is_not_believed_of_anybody_else(self):
        found = message(
            mail_source(sender="somebody@people.example", text=self.FORWARD),
            config=self.TRUSTED,
            peer="10.1.2.3",
        )

        assert found.sender.handle == "somebody@people.example"


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


class TestExamine:
    def test_lays_open_what_is_in_a_mail(self):
        report = adapter().examine(RawInput(raw=multipart(TEXT, PNG), source="import"))

        assert report["from"] == {"name": "Maya", "email": "maya@people.example"}
        assert report["attachments"][0]["filename"] == "logo.png"
        assert report["kind"] == "person"
