"""Every provider whose webhooks django-anymail can verify."""

from collections.abc import Mapping
from dataclasses import dataclass

from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import (
    MailerSendInboundWebhookView,
    MailerSendTrackingWebhookView,
)
from anymail.webhooks.mailgun import (
    MailgunInboundWebhookView,
    MailgunTrackingWebhookView,
)
from anymail.webhooks.mailjet import (
    MailjetInboundWebhookView,
    MailjetTrackingWebhookView,
)
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.postal import PostalInboundWebhookView, PostalTrackingWebhookView
from anymail.webhooks.postmark import (
    PostmarkInboundWebhookView,
    PostmarkTrackingWebhookView,
)
from anymail.webhooks.sendgrid import (
    SendGridInboundWebhookView,
    SendGridTrackingWebhookView,
)
from anymail.webhooks.sparkpost import (
    SparkPostInboundWebhookView,
    SparkPostTrackingWebhookView,
)
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView

from channels_ingest.adapters.email.webhooks.config import Direction, Setting
from channels_ingest.adapters.email.webhooks.views import (
    BrevoInboundView,
    MailtrapInboundView,
    MandrillView,
    ResendInboundView,
    ResendTrackingView,
    SESInboundView,
    SESTrackingView,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One view of a provider, and the settings it takes besides the shared secret."""

    view: type[AnymailBaseWebhookView]
    signing_settings: tuple[str, ...] = ()
    """One of these is the key of a signature over the request."""
    defaults: Mapping[str, Setting] | None = None
    """All other settings, so that none is looked up in the project's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    label: str
    hooks: Mapping[Direction, Hook]


_MANDRILL = Hook(
    view=MandrillView,
    signing_settings=("webhook_key",),
    defaults={"webhook_url": None},
)

PROVIDERS: dict[str, Provider] = {
    "amazon_ses": Provider(
        label="Amazon SES",
        hooks={
            "inbound": Hook(view=SESInboundView),
            "tracking": Hook(view=SESTrackingView),
        },
    ),
    "brevo": Provider(
        label="Brevo",
        hooks={
            "inbound": Hook(
                view=BrevoInboundView,
                defaults={"api_key": "", "api_url": "https://api.brevo.com/v3/"},
            ),
            "tracking": Hook(view=BrevoTrackingWebhookView),
        },
    ),
    "mailersend": Provider(
        label="MailerSend",
        hooks={
            "inbound": Hook(
                view=MailerSendInboundWebhookView, signing_settings=("inbound_secret",)
            ),
            "tracking": Hook(
                view=MailerSendTrackingWebhookView, signing_settings=("signing_secret",)
            ),
        },
    ),
    "mailgun": Provider(
        label="Mailgun",
        hooks={
            "inbound": Hook(
                view=MailgunInboundWebhookView,
                signing_settings=("webhook_signing_key", "api_key"),
            ),
            "tracking": Hook(
                view=MailgunTrackingWebhookView,
                signing_settings=("webhook_signing_key", "api_key"),
            ),
        },
    ),
    "mailjet": Provider(
        label="Mailjet",
        hooks={
            "inbound": Hook(view=MailjetInboundWebhookView),
            "tracking": Hook(view=MailjetTrackingWebhookView),
        },
    ),
    "mailtrap": Provider(
        label="Mailtrap",
        hooks={
            "inbound": Hook(
                view=MailtrapInboundView,
                signing_settings=("inbound_secret",),
                defaults={
                    "api_token": "",
                    "api_url": "https://mailtrap.io/api/",
                    "download_chunk_size": None,
                },
            ),
            "tracking": Hook(
                view=MailtrapTrackingWebhookView, signing_settings=("signing_secret",)
            ),
        },
    ),
    "mandrill": Provider(
        label="Mandrill", hooks={"inbound": _MANDRILL, "tracking": _MANDRILL}
    ),
    "postal": Provider(
        label="Postal",
        hooks={
            "inbound": Hook(
                view=PostalInboundWebhookView, signing_settings=("webhook_key",)
            ),
            "tracking": Hook(
                view=PostalTrackingWebhookView, signing_settings=("webhook_key",)
            ),
        },
    ),
    "postmark": Provider(
        label="Postmark",
        hooks={
            "inbound": Hook(view=PostmarkInboundWebhookView),
            "tracking": Hook(view=PostmarkTrackingWebhookView),
        },
    ),
    "resend": Provider(
        label="Resend",
        hooks={
            "inbound": Hook(
                view=ResendInboundView,
                signing_settings=("inbound_secret",),
                defaults={
                    "api_key": "",
                    "api_url": "https://api.resend.com/",
                    "download_chunk_size": None,
                },
            ),
            "tracking": Hook(
                view=ResendTrackingView, signing_settings=("signing_secret",)
            ),
        },
    ),
    "sendgrid": Provider(
        label="SendGrid",
        hooks={
            # anymail checks no signature here: the shared secret has to do.
            "inbound": Hook(view=SendGridInboundWebhookView),
            "tracking": Hook(
                view=SendGridTrackingWebhookView,
                signing_settings=("tracking_webhook_verification_key",),
            ),
        },
    ),
    "sparkpost": Provider(
        label="SparkPost",
        hooks={
            "inbound": Hook(view=SparkPostInboundWebhookView),
            "tracking": Hook(
                view=SparkPostTrackingWebhookView,
                defaults={"track_initial_open_as_opened": False},
            ),
        },
    ),
    "unisender_go": Provider(
        label="Unisender Go",
        hooks={
            "tracking": Hook(
                view=UnisenderGoTrackingWebhookView, signing_settings=("api_key",)
            )
        },
    ),
}
"""Kind of provider to its views. Each has its own page in anymail's documentation."""
