import hashlib

import pytest

from channels_ingest.adapters.email.webhooks import verify
from channels_ingest.base import SignatureInvalid
from tests.channels_ingest.adapters.email.webhooks.hooks import config, request


class TestUnisenderGo:
    def test_is_believed_by_the_hash_in_its_body(self):
        body = b'{"auth": "ug-key", "events_by_user": []}'
        auth = hashlib.md5(body).hexdigest()
        chosen = config("unisender_go", "tracking", api_key="ug-key")

        verify(request=request(body.replace(b"ug-key", auth.encode())), config=chosen)
        with pytest.raises(SignatureInvalid):
            verify(request=request(body), config=chosen)
