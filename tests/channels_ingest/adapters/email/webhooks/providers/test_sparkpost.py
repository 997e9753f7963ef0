from channels_ingest.adapters.email.webhooks import parse
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    MIME,
    assert_is_our_mail,
    config,
    request,
)


class TestSparkPost:
    def test_hands_over_raw_mail_and_ignores_pings(self):
        relay = {
            "protocol": "smtp",
            "content": {"email_rfc822": MIME.decode(), "email_rfc822_is_base64": False},
        }
        body = [{"msys": {}}, {"msys": {"relay_message": relay}}]

        (mail,) = parse(
            request=request(body), config=config("sparkpost", webhook_secret="a:b")
        )

        assert_is_our_mail(mail)
