import base64
import hmac
import json
import time
from dataclasses import replace
from email import message_from_bytes

import pytest

from channels_ingest.adapters.email.webhooks import ContentNotFetched, parse, verify
from channels_ingest.base import SignatureInvalid
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    Store,
    assert_is_our_mail,
    config,
    request,
)


def svix(body, secret=b"resend-secret", sent=None):
    sent = str(int(time.time()) if sent is None else sent)
    raw = json.dumps(body).encode()
    digest = hmac.digest(secret, f"msg_1.{sent}.".encode() + raw, "sha256")
    return request(
        raw,
        svix_id="msg_1",
        svix_timestamp=sent,
        svix_signature="v1,bad v1," + base64.b64encode(digest).decode(),
    )


SVIX_SECRET = "whsec_" + base64.b64encode(b"resend-secret").decode()


class TestResend:
    body = {"type": "email.received", "data": {"email_id": "r-1"}}
    chosen = config("resend", inbound_secret=SVIX_SECRET, api_key="re-key")

    def test_is_believed_by_the_signature_of_svix(self):
        verify(request=svix(self.body), config=self.chosen)

    @pytest.mark.parametrize(
        "bad",
        [
            svix(body, secret=b"other"),
            svix(body, sent=1),
            svix(body, sent=2**40),
            replace(svix(body), body=b"{}"),
            replace(svix(body), headers={}),
        ],
    )
    def test_is_refused_when_anything_is_wrong(self, bad):
        with pytest.raises(SignatureInvalid):
            verify(request=bad, config=self.chosen)

    def test_is_asked_for_the_mail_with_the_key_of_the_channel(self):
        store = Store(
            receiving=json.dumps({"raw": {"download_url": "https://files.example/m"}}),
            files=MIME,
        )

        (mail,) = parse(request=svix(self.body), config=self.chosen, fetcher=store)

        assert_is_our_mail(mail)
        assert mail.event_id == "msg_1"
        assert store.asked[0][1] == {"Authorization": "Bearer re-key"}
        assert store.asked[1] == ("https://files.example/m", {})

    def test_may_have_the_parts_of_the_mail_only(self):
        store = Store(
            receiving=json.dumps(
                {
                    "from": "ann@shop.example",
                    "to": ["support@desk.example"],
                    "subject": "Hello",
                    "headers": {"Message-ID": "<a@shop.example>"},
                    "text": "Where is it?",
                    "attachments": [
                        {"download_url": "https://files.example/1", "filename": "a.txt"}
                    ],
                }
            ),
            files=b"file content",
        )

        (mail,) = parse(request=svix(self.body), config=self.chosen, fetcher=store)

        read = message_from_bytes(mail.raw)
        contents = [part.get_payload(decode=True) for part in read.walk()]
        assert read["Message-ID"] == "<a@shop.example>"
        assert b"Where is it?" in contents
        assert b"file content" in contents

    def test_may_keep_the_mail_back_for_now(self):
        with pytest.raises(ContentNotFetched):
            parse(request=svix(self.body), config=self.chosen, fetcher=Store())
