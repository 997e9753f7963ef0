"""anymail's webhook views, where ours differ: per channel, and fetching through us.

Each view verifies and parses; none is ever routed to. Downloads go through the
`ContentFetcher` of the caller instead of anymail's own `requests`.
"""

import base64
import binascii
import hmac
import json
import time
from typing import Any
from urllib.parse import quote, urljoin

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks.amazon_ses import (
    AmazonSESInboundWebhookView,
    AmazonSESTrackingWebhookView,
)
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoInboundWebhookView
from anymail.webhooks.mailtrap import MailtrapInboundWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.resend import ResendInboundWebhookView, ResendTrackingWebhookView
from django.http import HttpRequest

from channels_ingest.adapters.email.webhooks.content import (
    ContentFetcher,
    NothingToFetchWith,
)

_TOLERANCE_SECONDS = 5 * 60


class FetchingView:
    """A view that asks its caller for what it has to download."""

    fetcher: ContentFetcher = NothingToFetchWith()


class SESTrackingView(AmazonSESTrackingWebhookView):
    """Without boto3: we confirm no subscriptions by ourselves."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        AnymailBaseWebhookView.__init__(self, **kwargs)


class SESInboundView(FetchingView, AmazonSESInboundWebhookView):
    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def fetch_s3_chunks(self, bucket_name: str, object_key: str) -> list[bytes]:
        return [self.fetcher.get_object(bucket=bucket_name, key=object_key)]


class BrevoInboundView(FetchingView, BrevoInboundWebhookView):
    def _fetch_attachment(self, attachment: dict[str, Any]) -> AnymailInboundMessage:
        token = quote(attachment["DownloadToken"], safe="")
        content = self.fetcher.get(
            url=urljoin(self.api_url, f"inbound/attachments/{token}"),
            headers={"api-key": self.api_key},
        )
        return AnymailInboundMessage.construct_attachment(
            content_type=content.content_type or attachment["ContentType"],
            content=content.body,
            filename=attachment.get("Name"),
            content_id=attachment.get("ContentID"),
        )


class MailtrapInboundView(FetchingView, MailtrapInboundWebhookView):
    def fetch_inbound_message(self, inbox_id: int, message_id: str) -> Any:
        inbox, message = quote(str(inbox_id), safe=""), quote(message_id, safe="")
        content = self.fetcher.get(
            url=urljoin(self.api_url, f"inbound/inboxes/{inbox}/messages/{message}"),
            headers={"Authorization": f"Bearer {self.api_token}"},
        )
        return json.loads(content.body)

    def fetch_raw_message_chunks(self, raw_message_url: str) -> list[bytes]:
        return [self.fetcher.get(url=raw_message_url, headers={}).body]


class MandrillView(MandrillCombinedWebhookView):
    """Mail and news may come in one request: nothing is sent by signal here."""

    def parse_events(self, request: HttpRequest) -> list[Any]:
        found = []
        for each in json.loads(request.POST["mandrill_events"]):
            self.signal = None
            found.append(self.esp_to_anymail_event(each))
        return found


class SvixSignature(AnymailBaseWebhookView):
    """Svix signs id, time and body; ours needs no library of theirs."""

    svix_secret: str | None = None
    now: float | None = None
    """Set where time matters to the answer; else it is the present."""

    def validate_request(self, request: HttpRequest) -> None:
        if not self.svix_secret:
            return
        message_id = request.headers.get("svix-id", "")
        timestamp = self._recent(request.headers.get("svix-timestamp", ""))
        signed = f"{message_id}.{timestamp}.".encode() + request.body
        expected = hmac.digest(self._key(), signed, "sha256")
        for each in request.headers.get("svix-signature", "").split(" ")[:20]:
            version, _, signature = each.partition(",")
            if version == "v1" and _same(signature, expected):
                return
        raise AnymailWebhookValidationFailure("The Svix signature does not match.")

    def _recent(self, timestamp: str) -> int:
        """The whole seconds that have been signed."""
        try:
            sent = float(timestamp)
        except ValueError:
            sent = float("nan")
        now = time.time() if self.now is None else self.now
        if not abs(now - sent) <= _TOLERANCE_SECONDS:
            raise AnymailWebhookValidationFailure("The Svix timestamp is too old.")
        return int(sent)

    def _key(self) -> bytes:
        secret = (self.svix_secret or "").removeprefix("whsec_")
        try:
            return base64.b64decode(secret, validate=True)
        except binascii.Error:
            raise AnymailWebhookValidationFailure(
                "The Svix secret is no base64."
            ) from None


def _same(signature: str, expected: bytes) -> bool:
    wanted = base64.b64encode(expected).decode("ascii")
    return hmac.compare_digest(signature.encode(), wanted.encode())


class ResendTrackingView(SvixSignature, ResendTrackingWebhookView):
    def __init__(self, **kwargs: Any) -> None:
        secret = kwargs.pop("signing_secret", None)
        super().__init__(signing_secret=None, **kwargs)
        self.svix_secret = secret


class ResendInboundView(FetchingView, SvixSignature, ResendInboundWebhookView):
    def __init__(self, **kwargs: Any) -> None:
        secret = kwargs.pop("inbound_secret", None)
        super().__init__(inbound_secret=None, **kwargs)
        self.svix_secret = secret

    def _fetch_inbound_email(self, email_id: str) -> AnymailInboundMessage:
        content = self.fetcher.get(
            url=urljoin(self.api_url, f"emails/receiving/{quote(email_id, safe='')}"),
            headers={"Authorization": f"Bearer {self.api_key}"},
        )
        stored = json.loads(content.body)
        address = (stored.get("raw") or {}).get("download_url")
        if not address:
            return self._from_parts(stored)
        mail = self.fetcher.get(url=address, headers={})
        return AnymailInboundMessage.parse_raw_mime_bytes(mail.body)

    def _from_parts(self, stored: dict[str, Any]) -> AnymailInboundMessage:
        """A mail whose raw form the provider no longer has."""
        headers = stored.get("headers") or {}
        return AnymailInboundMessage.construct(
            from_email=stored.get("from"),
            to=", ".join(stored.get("to") or []) or None,
            cc=", ".join(stored.get("cc") or []) or None,
            subject=stored.get("subject"),
            headers=list(headers.items()) if isinstance(headers, dict) else [],
            text=stored.get("text"),
            html=stored.get("html"),
            attachments=[
                self._attached(each) for each in stored.get("attachments") or []
            ],
        )

    def _attached(self, attachment: dict[str, Any]) -> AnymailInboundMessage:
        content = self.fetcher.get(url=attachment["download_url"], headers={})
        return AnymailInboundMessage.construct_attachment(
            content_type=content.content_type or "application/octet-stream",
            content=content.body,
            filename=attachment.get("filename"),
            content_id=attachment.get("content_id"),
        )
