from helpdesk.api.signing import new_secret, signature_of


class TestSignatureOf:
    def test_is_what_the_standard_says(self):
        # The example of the Standard Webhooks specification.
        signature = signature_of(
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330,
            body=b'{"test": 2432232314}',
        )

        assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_is_another_for_every_secret(self):
        first, second = new_secret(), new_secret()

        signatures = {
            signature_of(secret=key, event_id="a", timestamp=1, body=b"")
            for key in (first, second)
        }

        assert len(signatures) == 2
