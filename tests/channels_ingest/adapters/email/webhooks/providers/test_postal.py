import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from channels_ingest.adapters.email.webhooks import parse, verify
from channels_ingest.base import SignatureInvalid
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    assert_is_our_mail,
    config,
    public_key,
    request,
)


class TestPostal:
    def test_is_believed_by_its_signature(self):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = public_key(key)
        body = json.dumps(
            {
                "id": 7,
                "rcpt_to": "support@desk.example",
                "mail_from": "ann@shop.example",
                "message": base64.b64encode(MIME).decode(),
                "base64": True,
                "timestamp": 1700000000.0,
                "spam_status": "NotSpam",
                "spam_score": 1,
            }
        ).encode()
        signature = base64.b64encode(
            key.sign(body, padding.PKCS1v15(), hashes.SHA1())
        ).decode()
        chosen = config("postal", webhook_key=public)

        verify(request=request(body, X_Postal_Signature=signature), config=chosen)
        (mail,) = parse(request=request(body), config=chosen)
        assert_is_our_mail(mail)

        for bad in (b"{}", body + b" "):
            with pytest.raises(SignatureInvalid):
                verify(
                    request=request(bad, X_Postal_Signature=signature), config=chosen
                )
