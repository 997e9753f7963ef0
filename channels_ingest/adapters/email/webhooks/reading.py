"""Verify a provider's request over its raw bytes, and read it."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailError,
    AnymailInsecureWebhookWarning,
    AnymailNotSupportedWarning,
    AnymailWebhookValidationFailure,
)
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from anymail.webhooks.base import AnymailBaseWebhookView
from django.core.exceptions import SuspiciousOperation

from channels_ingest.adapters.email.webhooks.config import WebhookConfig
from channels_ingest.adapters.email.webhooks.content import (
    ContentFetcher,
    ContentNotFetched,
    NothingToFetchWith,
)
from channels_ingest.adapters.email.webhooks.events import (
    DeliveryEvent,
    InboundMail,
    mime_bytes,
)
from channels_ingest.adapters.email.webhooks.providers import PROVIDERS, Hook
from channels_ingest.adapters.email.webhooks.requests import WebhookRequest, as_django
from channels_ingest.base import SignatureInvalid, Unreadable

_BROKEN = (
    SuspiciousOperation,
    AnymailError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    AssertionError,
)


def verify(*, request: WebhookRequest, config: WebhookConfig) -> None:
    """Return if the channel's provider has made this request.

    A channel without any secret believes nobody.

    :raises SignatureInvalid: if it has not, or nothing is set up that could prove it
    """
    hook = _hook(config)
    if not _is_protected(hook, config):
        raise SignatureInvalid("This channel has no secret for its webhook yet.")
    try:
        _view(hook, config).run_validators(as_django(request))
    except AnymailWebhookValidationFailure as error:
        raise SignatureInvalid(str(error)) from error
    except _BROKEN as error:
        # Whatever cannot even be read far enough to be verified is not verified.
        raise SignatureInvalid("The request cannot be verified.") from error


def parse(
    *,
    request: WebhookRequest,
    config: WebhookConfig,
    fetcher: ContentFetcher | None = None,
) -> list[InboundMail | DeliveryEvent]:
    """Read a request that has been verified.

    :raises Unreadable: if it holds no events that we know how to read
    :raises ContentNotFetched: if the provider keeps a mail back; try again later
    """
    found: list[InboundMail | DeliveryEvent] = []
    for event in anymail_events(request=request, config=config, fetcher=fetcher):
        if not isinstance(event, AnymailInboundEvent):
            found.append(_delivery_event(event))
        elif event.message is not None:
            found.append(_inbound_mail(event))
    return found


def anymail_events(
    *,
    request: WebhookRequest,
    config: WebhookConfig,
    fetcher: ContentFetcher | None = None,
) -> list[AnymailInboundEvent | AnymailTrackingEvent]:
    """The events in anymail's own classes; see `parse`."""
    try:
        view = _view(_hook(config), config)
        view.fetcher = fetcher or NothingToFetchWith()
        events = view.parse_events(as_django(request))
    except ContentNotFetched:
        raise
    except AnymailConfigurationError as error:
        raise Unreadable(str(error), is_final=True) from error
    except _BROKEN as error:
        raise Unreadable("The provider's request is not as it should be.") from error
    return [event for event in events if event is not None]


def _hook(config: WebhookConfig) -> Hook:
    provider = PROVIDERS.get(config.provider)
    hook = provider.hooks.get(config.direction) if provider else None
    if hook is None:
        raise SignatureInvalid(f"No {config.direction} webhook of {config.provider}.")
    return hook


def _is_protected(hook: Hook, config: WebhookConfig) -> bool:
    names = ("webhook_secret", *hook.signing_settings)
    return any(config.settings.get(name) for name in names)


def _view(hook: Hook, config: WebhookConfig) -> AnymailBaseWebhookView:
    """anymail's view with this channel's settings, and none of the project's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailInsecureWebhookWarning)
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        return hook.view(**_settings(hook, config))


def _settings(hook: Hook, config: WebhookConfig) -> Mapping[str, Any]:
    names = (*hook.signing_settings, *(hook.defaults or {}))
    keys = (config.settings.get(name) for name in hook.signing_settings)
    key = next(filter(None, keys), None)
    settings: dict[str, Any] = dict.fromkeys(hook.signing_settings, key)
    settings |= {"webhook_secret": [], **(hook.defaults or {})}
    for name, value in config.settings.items():
        if value and name in (*names, "webhook_secret"):
            settings[name] = value
    return settings


def _inbound_mail(event: AnymailInboundEvent) -> InboundMail:
    message: AnymailInboundMessage = event.message
    return InboundMail(
        raw=mime_bytes(message),
        event_id=event.event_id or "",
        received_at=event.timestamp,
        envelope_sender=message.envelope_sender or "",
        envelope_recipient=message.envelope_recipient or "",
        is_spam=message.spam_detected,
    )


def _delivery_event(event: AnymailTrackingEvent) -> DeliveryEvent:
    return DeliveryEvent(
        event_type=event.event_type,
        message_id=event.message_id or "",
        recipient=event.recipient or "",
        event_id=event.event_id or "",
        occurred_at=event.timestamp,
        reject_reason=event.reject_reason or "",
        description=event.description or "",
        mta_response=event.mta_response or "",
        click_url=event.click_url or "",
    )


def describe(
    events: list[AnymailInboundEvent | AnymailTrackingEvent], *, provider: str
) -> Iterator[dict[str, Any]]:
    """The events as plain values, for people who set a webhook up and look at it."""
    for event in events:
        common = {
            "event_type": event.event_type,
            "event_id": event.event_id,
            "timestamp": str(event.timestamp),
            "esp": PROVIDERS[provider].label,
        }
        if isinstance(event, AnymailTrackingEvent):
            yield common | _described_delivery(event)
        else:
            yield common | _described_mail(event.message)


def _described_delivery(event: AnymailTrackingEvent) -> dict[str, Any]:
    names = ("recipient", "message_id", "reject_reason", "description")
    more = ("mta_response", "click_url")
    return {name: getattr(event, name) for name in (*names, *more)}


def _described_mail(message: AnymailInboundMessage | None) -> dict[str, Any]:
    if message is None:
        return {}
    sender = message.from_email
    return {
        "from_email": sender.addr_spec if sender else None,
        "from_name": sender.display_name if sender else None,
        "to": [address.addr_spec for address in message.to],
        "cc": [address.addr_spec for address in message.cc],
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "envelope_sender": message.envelope_sender,
        "envelope_recipient": message.envelope_recipient,
        "spam_detected": message.spam_detected,
        "stripped_text": message.stripped_text,
        "inlines": list(message.content_id_map),
        "attachments": [
            {
                "filename": part.get_filename() or "",
                "mime": part.get_content_type(),
                "size": len(part.get_content_bytes() or b""),
            }
            for part in message.attachments
        ],
    }
