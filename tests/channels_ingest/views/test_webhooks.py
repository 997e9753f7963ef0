import base64
import hashlib
import hmac
import json
import time

import pytest
from django.db import connection
from django.urls import reverse

from channels_ingest.drain import drain_all
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.reading_pool import ReadingPool
from inbox.models import Delivery, DeliveryState, TimelineItem
from tests.factories import ChannelFactory, TimelineItemFactory
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "someone:long-shared-secret"
BASIC = "Basic " + base64.b64encode(SECRET.encode()).decode()


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(size=1) as pool:
        yield pool


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def channel_of(provider, **settings):
    return ChannelFactory(
        address="support@shop.example",
        config={
            "incoming": {
                "transport": "webhook",
                "provider": provider,
                "settings": settings or {"webhook_secret": [SECRET]},
            }
        },
    )


def url_of(channel, direction="inbound"):
    return reverse(f"hooks:{direction}", args=[channel.pk])


def postmark_body():
    return json.dumps(
        {
            "RawEmail": mail_source().decode(),
            "From": "maya@people.example",
            "FromFull": {"Email": "maya@people.example", "Name": "Maya"},
            "To": "support@shop.example",
            "ToFull": [{"Email": "support@shop.example", "Name": ""}],
            "OriginalRecipient": "support@shop.example",
            "Subject": "Where is my parcel?",
            "MessageID": "22c74902",
            "Date": "Sat, 21 Nov 2026 10:00:00 +0000",
            "TextBody": "It should have come on Monday.",
            "Headers": [{"Name": "Message-ID", "Value": "<one@people.example>"}],
            "Attachments": [],
        }
    )


def post_postmark(client, channel, *, secret=BASIC, body=None):
    return client.post(
        url_of(channel),
        body or postmark_body(),
        content_type="application/json",
        headers={"authorization": secret} if secret else {},
    )


def mailgun_form(key, *, timestamp=None, signature=None):
    timestamp = timestamp or str(int(time.time()))
    token = hashlib.sha256(timestamp.encode()).hexdigest()[:50]
    signed = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256)
    return {
        "recipient": "support@shop.example",
        "sender": "maya@people.example",
        "body-mime": mail_source().decode(),
        "timestamp": timestamp,
        "token": token,
        "signature": signature or signed.hexdigest(),
    }


class TestReceive:
    def test_keeps_a_request_byte_for_byte_before_it_says_so(self, client):
        channel = channel_of("postmark")

        answer = post_postmark(client, channel)

        event = InboundEvent.objects.get()
        assert answer.status_code == 200
        assert bytes(event.raw) == postmark_body().encode()
        assert event.source == "webhook"

    def test_keeps_no_password(self, client):
        post_postmark(client, channel_of("postmark"))

        assert SECRET not in str(InboundEvent.objects.get().headers)
        assert BASIC not in str(InboundEvent.objects.get().headers)

    @pytest.mark.parametrize("secret", ["", "Basic d3Jvbmc6c2VjcmV0", "Bearer x"])
    def test_refuses_who_does_not_know_the_secret_and_keeps_nothing(
        self, client, secret
    ):
        answer = post_postmark(client, channel_of("postmark"), secret=secret)

        assert answer.status_code == 403
        assert not InboundEvent.objects.exists()

    def test_refuses_a_channel_without_a_secret(self, client):
        channel = channel_of("postmark", webhook_secret=[])

        assert post_postmark(client, channel).status_code == 403

    def test_refuses_a_channel_that_takes_no_webhooks(self, client):
        assert post_postmark(client, ChannelFactory()).status_code == 403

    def test_knows_no_channel_that_is_not_there(self, client):
        answer = client.post(reverse("hooks:inbound", args=[999_999]))

        assert answer.status_code == 404

    def test_asks_to_come_again_while_the_database_is_away(self, client):
        channel = channel_of("postmark")
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE channels_ingest_inboundevent RENAME TO out_of_reach"
            )
        try:
            answer = post_postmark(client, channel)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE out_of_reach RENAME TO channels_ingest_inboundevent"
                )

        assert answer.status_code == 503
        assert answer["Retry-After"]

    def test_keeps_a_redelivery_once(self, client):
        channel = channel_of("postmark")

        post_postmark(client, channel)
        post_postmark(client, channel)

        assert InboundEvent.objects.get().redeliveries == 1

    def test_refuses_what_is_too_large(self, client, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

        assert post_postmark(client, channel_of("postmark")).status_code == 413

    def test_needs_no_csrf_token(self):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)

        assert post_postmark(client, channel_of("postmark")).status_code == 200


class TestWhatIsKept:
    def test_becomes_a_message(self, client, pool):
        channel = channel_of("postmark")
        post_postmark(client, channel)

        drain_all(pool=pool)

        item = TimelineItem.objects.get()
        assert item.text == "It should have come on Monday."
        assert item.identity.value == "maya@people.example"

    def test_of_a_signing_provider_becomes_one_message_however_often_it_comes(
        self, client, pool
    ):
        channel = channel_of("mailgun", webhook_signing_key="key-of-mailgun")
        now = int(time.time())
        for moment in (now, now + 1):
            form = mailgun_form("key-of-mailgun", timestamp=str(moment))
            assert client.post(url_of(channel), form).status_code == 200

        drain_all(pool=pool)

        assert TimelineItem.objects.count() == 1
        states = InboundEvent.objects.values_list("state", flat=True)
        assert sorted(states) == [EventState.DONE, EventState.DUPLICATE]

    def test_of_a_signing_provider_needs_the_signature(self, client):
        channel = channel_of("mailgun", webhook_signing_key="key-of-mailgun")
        form = mailgun_form("another key")

        assert client.post(url_of(channel), form).status_code == 403
        assert not InboundEvent.objects.exists()

    def test_says_what_became_of_a_message_we_sent(self, client, pool):
        channel = channel_of("postmark")
        item = TimelineItemFactory(conversation__channel=channel, outbound=True)
        Delivery.objects.create(
            item=item,
            conversation=item.conversation,
            channel=channel,
            state=DeliveryState.SENT,
            provider_message_id="883953f4",
        )
        report = {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "TypeCode": 1,
            "MessageID": "883953f4",
            "Email": "maya@people.example",
            "BouncedAt": "2026-11-21T16:33:54.0Z",
            "Description": "The server was unable to deliver your message",
            "Details": "550 5.1.1 no such user",
            "ID": 1,
        }

        answer = client.post(
            url_of(channel, "tracking"),
            json.dumps(report),
            content_type="application/json",
            headers={"authorization": BASIC},
        )
        drain_all(pool=pool)

        assert answer.status_code == 200
        delivery = Delivery.objects.get()
        assert delivery.state == DeliveryState.BOUNCED
        assert delivery.failed_recipients[0]["handle"] == "maya@people.example"
