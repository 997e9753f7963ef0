"""What an admin has to type for each mail provider, by django-anymail's names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from channels_ingest.adapters.email.provider_transport import PROVIDERS as SENDING
from channels_ingest.adapters.email.webhooks import PROVIDERS as HOOKS

Words = Any
"""Text, perhaps one that is translated when it is shown."""
OTHER_LABELS: Final = {"scaleway": "Scaleway"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing a provider wants to know; `client_params.region_name` is nested."""

    name: str
    label: Words
    is_secret: bool = True
    is_required: bool = True
    hint: Words = ""

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))

    @property
    def is_url(self) -> bool:
        return self.name == "api_url"


def _plain(name: str, label: Words, hint: Words = "") -> Setting:
    return Setting(name=name, label=label, is_secret=False, hint=hint)


def _optional(name: str, label: Words, hint: Words = "") -> Setting:
    return Setting(
        name=name, label=label, is_secret=False, is_required=False, hint=hint
    )


_KEY: Final = Setting(name="api_key", label=_("API key"))
_TOKEN: Final = Setting(name="api_token", label=_("API token"))
_SECRET_KEY: Final = Setting(name="secret_key", label=_("Secret key"))
_REGION: Final = _optional(
    "api_url", _("API address"), _("Only for another region than the usual one.")
)
_API: Final = _plain("api_url", _("API address"), _("Begins with https://"))

OUTGOING: Final[dict[str, tuple[Setting, ...]]] = {
    "amazon_ses": (
        _plain("client_params.region_name", _("Region"), "eu-central-1"),
        _plain("client_params.aws_access_key_id", _("Access key id")),
        Setting(
            name="client_params.aws_secret_access_key", label=_("Secret access key")
        ),
    ),
    "brevo": (_KEY,),
    "mailersend": (_TOKEN,),
    "mailgun": (
        _KEY,
        _optional("sender_domain", _("Sending domain")),
        _REGION,
    ),
    "mailjet": (_KEY, _SECRET_KEY),
    "mailtrap": (_TOKEN,),
    "mandrill": (_KEY,),
    "postal": (_KEY, _API),
    "postmark": (
        Setting(name="server_token", label=_("Server token")),
        _optional("message_stream", _("Message stream")),
    ),
    "resend": (_KEY,),
    "scaleway": (
        _SECRET_KEY,
        _plain("project_id", _("Project id")),
        _optional("region", _("Region"), "fr-par"),
    ),
    "sendgrid": (_KEY,),
    "sparkpost": (_KEY, _optional("subaccount", _("Subaccount")), _REGION),
    "unisender_go": (_KEY, _API),
}
"""What sending through a provider takes."""

_WEBHOOK_LABELS: Final[dict[str, Words]] = {
    "webhook_secret": _("User and password in the address"),
    "api_key": _("API key"),
    "api_token": _("API token"),
    "inbound_secret": _("Signing secret of incoming mail"),
    "signing_secret": _("Signing secret"),
    "tracking_webhook_verification_key": _("Verification key"),
    "webhook_key": _("Webhook key"),
    "webhook_signing_key": _("Webhook signing key"),
}
_SHARED: Final = Setting(
    name="webhook_secret",
    label=_WEBHOOK_LABELS["webhook_secret"],
    is_required=False,
    hint=_("As user:password, both long and random."),
)


def label_of(provider: str) -> str:
    if provider in HOOKS:
        return HOOKS[provider].label
    return OTHER_LABELS.get(provider, provider)


def sending_providers() -> list[tuple[str, str]]:
    return [(name, label_of(name)) for name in sorted(SENDING)]


def posting_providers() -> list[tuple[str, str]]:
    """Return the providers that hand us incoming mail."""
    return [
        (name, provider.label)
        for name, provider in sorted(HOOKS.items())
        if "inbound" in provider.hooks
    ]


def webhook_settings(provider: str, *, direction: str) -> tuple[Setting, ...]:
    """Return what protects and completes a provider's webhook; none is required."""
    hooks = HOOKS[provider].hooks if provider in HOOKS else {}
    hook = hooks.get("inbound" if direction == "inbound" else "tracking")
    if hook is None:
        return ()
    return (*_signing(hook.signing_settings, hook.defaults or ()), _SHARED)


def _signing(names: tuple[str, ...], others: object) -> Iterator[Setting]:
    wanted = [*names, *(name for name in ("api_key", "api_token") if name in others)]  # type: ignore[operator]
    for name in dict.fromkeys(wanted):
        yield Setting(name=name, label=_WEBHOOK_LABELS[name], is_required=False)


def protects(provider: str, name: str, *, direction: str) -> bool:
    """Whether a webhook setting proves that the provider made the request."""
    hook = HOOKS[provider].hooks["inbound" if direction == "inbound" else "tracking"]
    return name == "webhook_secret" or name in hook.signing_settings
