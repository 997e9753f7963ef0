"""Mail that arrives in a conversation of Maya's."""

from django.conf import settings

from channels_ingest.actions.claiming import Claimed
from channels_ingest.adapters.email.signed_ids import sign_message_id
from channels_ingest.base import RawInput
from channels_ingest.fingerprint import mail_key
from channels_ingest.intake import take_in, with_files
from channels_ingest.registry import adapter_for
from inbox.models import TimelineItem
from tests.factories import InboundEventFactory
from tests.factories.channels_ingest import mail_source

MAYA = "maya@people.example"
MALLORY = "mallory@evil.example"
MX = "mx.shop.example"


def verdict(result, sender):
    domain = sender.rpartition("@")[2]
    return (
        "Authentication-Results",
        f"{MX}; dmarc={result} header.from={domain}",
    )


def arrive(channel, raw, *, rcpt_to=None):
    """Take one mail in as the drain does; return the item it became."""
    event = InboundEventFactory(channel=channel, raw=raw, dedupe_key=mail_key(raw))
    claimed = Claimed(
        event_id=event.pk,
        source="smtp",
        raw=raw,
        headers={"rcpt_to": [rcpt_to or channel.address], "mail_from": "x@y.example"},
        dedupe_key=event.dedupe_key,
        attempts=1,
        received_at=event.received_at,
    )
    events = adapter_for(channel).parse(
        RawInput(
            raw=raw,
            source="smtp",
            headers=claimed.headers,
            external_id=claimed.dedupe_key,
            received_at=claimed.received_at,
        )
    )
    take_in(
        channel=channel,
        readings=[with_files(claimed, events)],
        now=event.received_at,
    )
    event.refresh_from_db()
    return TimelineItem.objects.filter(pk=event.item_id).first()


def signed_id(conversation):
    item = conversation.items.order_by("-seq").first()
    return sign_message_id(
        secret=settings.MAIL_TOKEN_KEYS[0],
        conversation=conversation.pk,
        item=item.pk,
        domain="shop.example",
    )


def reply_to(key, *, sender, **more):
    return mail_source(
        sender=sender,
        message_id=f"reply-of-{sender}",
        headers=[("In-Reply-To", key), ("References", key), *more.pop("headers", [])],
        **more,
    )
