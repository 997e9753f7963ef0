import base64
import json
from dataclasses import replace

import pytest

from channels_ingest.adapters.email.webhooks import parse, verify
from channels_ingest.base import SignatureInvalid
from tests.channels_ingest.adapters.email.webhooks.hooks import (
    BASIC,
    MIME,
    Store,
    assert_is_our_mail,
    config,
    request,
)


def sns(ses_event):
    body = {
        "Type": "Notification",
        "MessageId": "n-1",
        "Message": json.dumps(ses_event),
    }
    return request(
        body,
        Authorization=BASIC,
        x_amz_sns_message_type="Notification",
        x_amz_sns_message_id="n-1",
    )


def ses_received(**action):
    return {
        "notificationType": "Received",
        "mail": {"source": "ann@shop.example", "messageId": "ses-1"},
        "receipt": {"recipients": ["support@desk.example"], "action": action},
        "content": base64.b64encode(MIME).decode(),
    }


class TestAmazonSES:
    chosen = config("amazon_ses", webhook_secret="desk:secret")

    def test_is_believed_with_the_shared_secret(self):
        verify(request=sns(ses_received(type="SNS")), config=self.chosen)

    def test_is_refused_when_headers_and_body_differ(self):
        sent = sns(ses_received(type="SNS"))
        headers = dict(sent.headers) | {"x-amz-sns-message-id": "n-2"}

        with pytest.raises(SignatureInvalid):
            verify(request=replace(sent, headers=headers), config=self.chosen)

    def test_sends_the_mail_along(self):
        sent = sns(ses_received(type="SNS", encoding="BASE64"))

        (mail,) = parse(request=sent, config=self.chosen)

        assert_is_our_mail(mail)
        assert mail.event_id == "ses-1"
        assert mail.envelope_recipient == "support@desk.example"

    def test_is_asked_for_a_mail_in_a_bucket(self):
        store = Store(s3=MIME)
        sent = sns(ses_received(type="S3", bucketName="mails", objectKey="in/1"))

        (mail,) = parse(request=sent, config=self.chosen, fetcher=store)

        assert_is_our_mail(mail)
        assert store.asked == [("mails", "in/1")]

    def test_reports_each_address_that_bounced(self):
        event = {
            "eventType": "Bounce",
            "mail": {"messageId": "ses-1", "destination": ["a@x.example"]},
            "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {"emailAddress": "a@x.example", "diagnosticCode": "550 no"},
                    {"emailAddress": "b@x.example"},
                ],
            },
        }
        found = parse(
            request=sns(event),
            config=config("amazon_ses", "tracking", webhook_secret="desk:secret"),
        )

        assert [each.recipient for each in found] == ["a@x.example", "b@x.example"]
        assert found[0].mta_response == "550 no"
