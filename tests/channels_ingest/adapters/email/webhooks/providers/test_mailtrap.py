import hashlib
import hmac
import json

from channels_ingest.adapters.email.webhooks import parse, verify
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    Store,
    assert_is_our_mail,
    config,
    request,
)


class TestMailtrap:
    def test_is_asked_for_the_mail(self):
        body = {
            "events": [
                {"event": "inbound.message_received", "inbox_id": 5, "message_id": "m"}
            ]
        }
        raw = hmac.new(b"mt-key", json.dumps(body).encode(), hashlib.sha256).hexdigest()
        chosen = config("mailtrap", inbound_secret="mt-key", api_token="mt-token")
        store = Store(
            inboxes=json.dumps({"raw_message_url": "https://files.example/m"}),
            files=MIME,
        )

        verify(request=request(body, Mailtrap_Signature=raw), config=chosen)
        (mail,) = parse(request=request(body), config=chosen, fetcher=store)

        assert_is_our_mail(mail)
        assert mail.event_id == "5/m"
