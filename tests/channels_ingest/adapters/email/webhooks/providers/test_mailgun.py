from dataclasses import replace
from email import message_from_bytes

import pytest

from channels_ingest.adapters.email.webhooks import parse, verify
from channels_ingest.base import SignatureInvalid, Unreadable
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    assert_is_our_mail,
    config,
    mailgun_inbound,
    request,
)


class TestMailgun:
    chosen = config("mailgun", webhook_signing_key="mg-key")

    def test_is_believed_by_its_signature(self):
        verify(request=mailgun_inbound(), config=self.chosen)

    def test_is_refused_under_another_key(self):
        with pytest.raises(SignatureInvalid):
            verify(request=mailgun_inbound(key="other"), config=self.chosen)

    def test_hands_over_a_mail_once_it_is_read(self):
        (mail,) = parse(request=mailgun_inbound(), config=self.chosen)

        assert_is_our_mail(mail)
        assert mail.event_id == "tok"
        assert mail.envelope_sender == "ann@shop.example"
        assert b"X-Odd: kept   as it is" in mail.raw

    def test_takes_a_mail_of_many_megabytes(self):
        large = MIME + b"x" * 8_000_000
        (mail,) = parse(request=mailgun_inbound(body_mime=large), config=self.chosen)

        assert len(mail.raw) > 8_000_000

    def test_keeps_files_whatever_their_name(self):
        sent = mailgun_inbound(
            body_mime=b"",
            message_headers='[["From", "ann@shop.example"]]',
            attachment_count="2",
            attachment_1=("../..", b"one"),
            attachment_2=("päckchen.txt", b"two"),
        )
        sent = replace(sent, body=sent.body.replace(b'name="body-mime"', b'name="x"'))

        (mail,) = parse(request=sent, config=self.chosen)

        files = [p for p in message_from_bytes(mail.raw).walk() if p.get_filename()]
        assert [file.get_payload(decode=True) for file in files] == [b"one", b"two"]

    def test_that_stores_mail_for_us_is_told_to_forward_it(self):
        with pytest.raises(Unreadable, match="forward") as caught:
            parse(request=mailgun_inbound(attachments="[]"), config=self.chosen)

        assert caught.value.is_final

    def test_reports_a_bounce(self):
        event = {
            "event-data": {
                "event": "failed",
                "severity": "permanent",
                "reason": "bounce",
                "id": "e-1",
                "timestamp": 1700000000.5,
                "recipient": "ann@shop.example",
                "message": {"headers": {"message-id": "m-1@desk.example"}},
                "delivery-status": {"code": 550, "message": "550 no such user"},
            }
        }
        (event,) = parse(
            request=request(event),
            config=config("mailgun", "tracking", webhook_signing_key="mg-key"),
        )

        assert event.event_type == "bounced"
        assert event.recipient == "ann@shop.example"
        assert event.message_id == "<m-1@desk.example>"
