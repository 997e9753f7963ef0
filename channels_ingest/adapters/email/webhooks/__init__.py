"""Webhooks of mail providers: verified over the raw bytes, read by django-anymail."""

from channels_ingest.adapters.email.webhooks.config import WebhookConfig
from channels_ingest.adapters.email.webhooks.content import (
    ContentFetcher,
    ContentNotFetched,
    FetchedContent,
)
from channels_ingest.adapters.email.webhooks.events import DeliveryEvent, InboundMail
from channels_ingest.adapters.email.webhooks.providers import PROVIDERS
from channels_ingest.adapters.email.webhooks.reading import (
    anymail_events,
    describe,
    parse,
    verify,
)
from channels_ingest.adapters.email.webhooks.requests import WebhookRequest

__all__ = [
    "PROVIDERS",
    "ContentFetcher",
    "ContentNotFetched",
    "DeliveryEvent",
    "FetchedContent",
    "InboundMail",
    "WebhookConfig",
    "WebhookRequest",
    "anymail_events",
    "describe",
    "parse",
    "verify",
]
