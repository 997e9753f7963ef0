import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from channels_ingest.adapters.email.webhooks import parse, verify
from channels_ingest.base import SignatureInvalid
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    assert_is_our_mail,
    config,
    form,
    public_key,
    request,
)


class TestSendGrid:
    def test_signs_what_it_tells_of_our_mail(self):
        key = ec.generate_private_key(ec.SECP256R1())
        public = public_key(key)
        body = b'[{"event": "delivered", "email": "a@x.example", "smtp-id": "m-1"}]'
        signature = key.sign(b"1700000000" + body, ec.ECDSA(hashes.SHA256()))
        sent = request(
            body,
            X_Twilio_Email_Event_Webhook_Signature=base64.b64encode(signature).decode(),
            X_Twilio_Email_Event_Webhook_Timestamp="1700000000",
        )
        chosen = config(
            "sendgrid", "tracking", tracking_webhook_verification_key=public
        )

        verify(request=sent, config=chosen)
        (event,) = parse(request=sent, config=chosen)
        assert event.event_type == "delivered"

        with pytest.raises(SignatureInvalid):
            verify(request=replace(sent, body=body + b"\r\n"), config=chosen)

    def test_hands_over_raw_mail(self):
        sent = form(
            email=MIME, envelope='{"from": "a@x.example", "to": ["b@y.example"]}'
        )

        (mail,) = parse(
            request=sent, config=config("sendgrid", webhook_secret="desk:secret")
        )

        assert_is_our_mail(mail)
        assert mail.envelope_recipient == "b@y.example"
