from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from channels_ingest.adapters.email.webhooks import PROVIDERS, parse, verify
from channels_ingest.base import SignatureInvalid, Unreadable
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    BASIC,
    config,
    mailgun_inbound,
    public_key,
    request,
)

KEY = public_key(ec.generate_private_key(ec.SECP256R1()))


class TestEveryProvider:
    @pytest.mark.parametrize("provider", PROVIDERS)
    def test_without_a_secret_is_never_believed(self, provider):
        for direction in PROVIDERS[provider].hooks:
            with pytest.raises(SignatureInvalid):
                verify(request=request({}), config=config(provider, direction))

    @pytest.mark.parametrize("provider", PROVIDERS)
    @pytest.mark.parametrize(
        "body",
        [b"", b"{}", b"[]", b"null", b"\xff\x00", b'{"items": 7}', b"[[[[" * 999],
    )
    def test_refuses_nonsense_in_plain_words(self, provider, body):
        for direction, hook in PROVIDERS[provider].hooks.items():
            # One at a time: a key that nobody checks would let everything in.
            names = hook.signing_settings or ("webhook_secret",)
            chosen = config(provider, direction, **dict.fromkeys(names, KEY))

            with pytest.raises(SignatureInvalid):
                verify(request=request(body), config=chosen)
            with suppress(Unreadable):
                parse(request=request(body), config=chosen)

    def test_takes_no_setting_of_the_project(self, settings):
        settings.ANYMAIL = {"WEBHOOK_SECRET": "a:b", "MAILGUN_WEBHOOK_SIGNING_KEY": "x"}

        with pytest.raises(SignatureInvalid):
            verify(request=mailgun_inbound(key="x"), config=config("mailgun"))

    def test_must_be_known(self):
        with pytest.raises(SignatureInvalid):
            verify(request=request({}), config=config("carrier_pigeon"))


class TestSharedSecret:
    body = {
        "RecordType": "Delivery",
        "MessageID": "m-1",
        "Recipient": "ann@shop.example",
    }

    def test_lets_the_provider_in(self):
        verify(
            request=request(self.body, Authorization=BASIC),
            config=config("postmark", "tracking", webhook_secret="desk:secret"),
        )

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Basic",
            "Basic x",
            BASIC.lower(),
            BASIC[:-2],
            BASIC + "\n",
            "Bearer x",
        ],
    )
    def test_keeps_everybody_else_out(self, header):
        headers = {} if header is None else {"Authorization": header}
        with pytest.raises(SignatureInvalid):
            verify(
                request=request(self.body, **headers),
                config=config("postmark", "tracking", webhook_secret="desk:other"),
            )

    def test_may_be_one_of_two_while_it_is_changed(self):
        verify(
            request=request(self.body, Authorization=BASIC),
            config=config(
                "postmark", "tracking", webhook_secret=["new:x", "desk:secret"]
            ),
        )
