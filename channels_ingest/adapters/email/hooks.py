"""Webhooks of mail providers, between our stored requests and django-anymail.

`config["incoming"]` of a channel that a provider posts to:
`{"transport": "webhook", "provider": "mailgun", "settings": {"webhook_secret": …}}`.
One that only sends through a provider names the secrets of its delivery reports in
`config["outgoing"]["webhook"]`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from channels_ingest.adapters.email.mime import parse_mail
from channels_ingest.adapters.email.translating import digest_of
from channels_ingest.adapters.email.webhooks import (
    PROVIDERS,
    ContentNotFetched,
    DeliveryEvent,
    FetchedContent,
    InboundMail,
    WebhookConfig,
    WebhookRequest,
    parse,
    verify,
)
from channels_ingest.base import (
    Account,
    RawInput,
    RawRequest,
    SignatureInvalid,
    Unreadable,
)
from helpdesk.core.http import RequestFailed, send_request

if TYPE_CHECKING:
    from channels_ingest.adapters.email.webhooks.config import Direction, Setting

MAX_CONTENT_BYTES = 60_000_000
_SIDES = {
    "inbound": (("incoming", "webhook", "settings"),),
    "tracking": (
        ("outgoing", "provider", "webhook"),
        ("incoming", "webhook", "settings"),
    ),
}
"""Where the provider and its webhook's secrets stand, for each direction."""
NOT_FETCHED = "The provider keeps the message and did not hand it over."


def verify_request(request: RawRequest, *, account: Account) -> None:
    """:raises SignatureInvalid: if the channel's provider did not make the request"""
    verify(request=_as_sent(request), config=_config(account, url=request.url))


def read_request(
    raw: RawInput, *, account: Account
) -> Sequence[InboundMail | DeliveryEvent]:
    """Read a stored request; what the provider keeps back is fetched.

    :raises Unreadable: if it holds no events that we know how to read
    """
    request = RawRequest(
        method=str(raw.headers.get("method", "POST")),
        url=str(raw.headers.get("url", "")),
        headers=cast("Mapping[str, str]", raw.headers.get("headers") or {}),
        body=raw.raw,
    )
    try:
        return parse(
            request=_as_sent(request),
            config=_config(account, url=request.url),
            fetcher=_Fetcher(),
        )
    except ContentNotFetched as error:
        raise Unreadable(NOT_FETCHED) from error
    except SignatureInvalid as error:
        # The channel's provider was changed after the request had been stored.
        raise Unreadable(str(error)) from error


def as_raw_mail(mail: InboundMail, *, raw: RawInput) -> RawInput:
    """Return one mail of a request as if it had come in by itself.

    A provider may put the same mail together anew each time: what is said in it, and
    not how it is wrapped, tells whether it came before.
    """
    return RawInput(
        raw=mail.raw,
        source="webhook",
        headers={
            "mail_from": mail.envelope_sender,
            "rcpt_to": [mail.envelope_recipient] if mail.envelope_recipient else [],
        },
        external_id=digest_of(parse_mail(mail.raw)),
        received_at=mail.received_at or raw.received_at,
    )


def _as_sent(request: RawRequest) -> WebhookRequest:
    return WebhookRequest(
        url=request.url,
        headers=request.headers,
        body=request.body,
        method=request.method,
        content_type=request.headers.get("content-type", ""),
    )


def _config(account: Account, *, url: str) -> WebhookConfig:
    """:raises SignatureInvalid: if the channel has no provider that posts to it"""
    is_tracking = url.partition("?")[0].rstrip("/").endswith("/tracking")
    direction: Direction = "tracking" if is_tracking else "inbound"
    for side, transport, key in _SIDES[direction]:
        config = account.config.get(side) or {}
        provider = str(config.get("provider", ""))
        if config.get("transport") == transport and provider in PROVIDERS:
            settings = cast("Mapping[str, Setting]", config.get(key) or {})
            return WebhookConfig(
                provider=provider, direction=direction, settings=settings
            )
    raise SignatureInvalid("This channel takes no such webhook.")


class _Fetcher:
    """Downloads what providers only name, through the one guarded way out."""

    def get(self, *, url: str, headers: Mapping[str, str]) -> FetchedContent:
        try:
            response = send_request(
                "GET", url, headers=dict(headers), max_bytes=MAX_CONTENT_BYTES
            )
        except RequestFailed as error:
            raise ContentNotFetched(str(error)) from error
        if not response.is_success:
            raise ContentNotFetched(f"status {response.status_code}")
        return FetchedContent(
            body=response.content,
            content_type=response.headers.get("content-type", ""),
        )

    def get_object(self, *, bucket: str, key: str) -> Any:
        raise ContentNotFetched(
            "Let the receipt rule send the mail along: buckets are not read."
        )
