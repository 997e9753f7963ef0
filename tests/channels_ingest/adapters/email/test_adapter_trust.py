"""Whom the adapter of mail believes, and what."""

import pytest

from channels_ingest.adapters.email.signed_ids import sign_message_id
from inbox.contract import Verdict
from tests.channels_ingest.adapters.email.adapting import (
    AGENT,
    MX,
    SECRET,
    TEXT,
    message,
    multipart,
)
from tests.factories.channels_ingest import mail_source


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
