import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from channels_ingest.adapters.email.webhooks import parse, verify
from channels_ingest.base import SignatureInvalid
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    assert_is_our_mail,
    config,
    request,
)


class TestMandrill:
    chosen = config("mandrill", webhook_key="md-key")
    url = "https://desk.example/hooks/1"

    def sent(self, events, key=b"md-key"):
        text = json.dumps(events)
        signed = f"{self.url}mandrill_events{text}".encode()
        digest = hmac.new(key, signed, hashlib.sha1).digest()
        return request(
            urlencode({"mandrill_events": text}).encode(),
            url=self.url,
            Content_Type="application/x-www-form-urlencoded",
            X_Mandrill_Signature=base64.b64encode(digest).decode(),
        )

    def test_is_believed_by_its_signature_over_address_and_fields(self):
        verify(request=self.sent([]), config=self.chosen)
        with pytest.raises(SignatureInvalid):
            verify(request=self.sent([], key=b"other"), config=self.chosen)

    def test_brings_mail_and_news_in_one_request(self):
        events = [
            {
                "event": "inbound",
                "ts": 1,
                "msg": {"raw_msg": MIME.decode(), "email": "x"},
            },
            {"event": "hard_bounce", "_id": "m-1", "msg": {"email": "a@x.example"}},
        ]

        mail, bounced = parse(request=self.sent(events), config=self.chosen)

        assert_is_our_mail(mail)
        assert (bounced.event_type, bounced.recipient) == ("bounced", "a@x.example")
