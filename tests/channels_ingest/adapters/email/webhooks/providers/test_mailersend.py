import hashlib
import hmac
import json

import pytest

from channels_ingest.adapters.email.webhooks import parse, verify
from channels_ingest.base import SignatureInvalid
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    assert_is_our_mail,
    config,
    request,
)


class TestMailerSend:
    def test_is_believed_over_the_very_bytes_it_sent(self):
        sent = {"type": "inbound.message", "data": {"raw": MIME.decode()}}
        body = json.dumps(sent).encode()
        signature = hmac.new(b"ms-key", body, hashlib.sha256).hexdigest()
        chosen = config("mailersend", inbound_secret="ms-key")

        verify(request=request(body, Signature=signature), config=chosen)
        (mail,) = parse(request=request(body), config=chosen)
        assert_is_our_mail(mail)

        rewritten = json.dumps(sent, indent=1).encode()
        for bad in (request(rewritten, Signature=signature), request(body)):
            with pytest.raises(SignatureInvalid):
                verify(request=bad, config=chosen)
