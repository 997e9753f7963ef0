"""How mail comes in and goes out of a channel: what an admin fills in.

The form writes exactly the keys that the adapter reads. Secrets go in and never come
out: an empty field keeps what is stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_ingest.adapters.email import settings_checks
from channels_ingest.adapters.email.imap.settings import DELETE, KEEP, MOVE, SEEN
from channels_ingest.adapters.email.provider_settings import (
    OUTGOING,
    Setting,
    posting_providers,
    sending_providers,
    webhook_settings,
)
from channels_ingest.form_fields import LinesField, SecretField

CHOOSE = [("", _("Choose one"))]
INCOMING = [
    ("smtp", _("Our own mail server (SMTP or LMTP)")),
    ("imap", _("A mailbox that we read (IMAP)")),
    ("webhook", _("A mail provider that calls us (webhook)")),
]
OUTGOING_WAYS = [
    ("", _("Not yet")),
    ("smtp", _("A mail server (SMTP)")),
    ("provider", _("A mail provider (API)")),
]
SECURITY = [
    ("tls", _("TLS from the start")),
    ("starttls", _("STARTTLS")),
    ("none", _("Not encrypted (only inside your own network)")),
]
SIGN_IN = [
    ("password", _("With a password")),
    ("google", _("With Google (OAuth)")),
    ("microsoft", _("With Microsoft (OAuth)")),
    ("other", _("With another provider (OAuth)")),
]
BEGINS = [
    ("new", _("What comes from now on")),
    ("all", _("What is there already, too")),
]
AFTERWARDS = [
    (KEEP, _("Leave it as it is")),
    (SEEN, _("Mark it as read")),
    (MOVE, _("Move it to a folder")),
    (DELETE, _("Delete it from the mailbox")),
]
PLUS = [
    ("", _("If mail comes to our own server")),
    ("yes", _("Yes")),
    ("no", _("No")),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderField:
    """A form field that exists for one provider only."""

    side: str
    """`incoming`, `outgoing`, or `tracking` for reports of what was sent."""
    provider: str
    setting: Setting

    @property
    def name(self) -> str:
        return f"{self.side}_{self.provider}_{self.setting.name.replace('.', '_')}"

    @property
    def path(self) -> tuple[str, ...]:
        side = "incoming" if self.side == "incoming" else "outgoing"
        key = "webhook" if self.side == "tracking" else "settings"
        return (side, key, *self.setting.path)

    def form_field(self) -> forms.CharField:
        label, hint = self.setting.label, self.setting.hint
        if self.setting.is_secret:
            return SecretField(label=label, help_text=hint)
        return forms.CharField(
            label=label, help_text=hint, required=False, max_length=400
        )


def provider_fields() -> Iterator[ProviderField]:
    """Yield every field that depends on the provider, in the order of the form."""
    for provider, _label in posting_providers():
        for each in webhook_settings(provider, direction="inbound"):
            yield ProviderField(side="incoming", provider=provider, setting=each)
    for provider, _label in sending_providers():
        for each in OUTGOING[provider]:
            yield ProviderField(side="outgoing", provider=provider, setting=each)
        for each in webhook_settings(provider, direction="tracking"):
            yield ProviderField(side="tracking", provider=provider, setting=each)


PROVIDER_FIELDS = tuple(provider_fields())
PATHS: dict[str, tuple[str, ...]] = {
    **{
        f"incoming_{name}": ("incoming", name)
        for name in (
            *("transport", "host", "port", "security", "username", "password"),
            *("folders", "begins_with", "afterwards", "move_to", "provider"),
        )
    },
    **{
        f"outgoing_{name}": ("outgoing", name)
        for name in (
            *("transport", "host", "port", "security", "username", "password"),
            *("provider", "uses_oauth"),
        )
    },
    **{
        f"oauth_{name}": ("oauth", name)
        for name in (
            *("provider", "client_id", "client_secret", "tenant"),
            *("authorization_url", "token_url", "scope"),
        )
    },
    **{
        name: (name,)
        for name in (
            *("trusted_servers", "checks_senders", "trusts_colleagues"),
            *("trusted_networks", "bounce_address", "plus_addresses"),
        )
    },
    **{field.name: field.path for field in PROVIDER_FIELDS},
}
"""Where each field stands in the channel's config."""


def stored_value(config: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = config
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


class EmailSettingsForm(forms.Form):
    """Incoming, outgoing, sign-in and trust; `stored` is what the channel has now."""

    stored: Mapping[str, Any]

    incoming_transport = forms.ChoiceField(
        label=_("Mail comes in by"), choices=INCOMING
    )
    incoming_host = forms.CharField(label=_("Server"), required=False, max_length=253)
    incoming_port = forms.IntegerField(
        label=_("Port"),
        required=False,
        min_value=1,
        max_value=65535,
        help_text=_("Empty means 993 for TLS, else 143."),
    )
    incoming_security = forms.ChoiceField(
        label=_("Encryption"), choices=SECURITY, required=False
    )
    incoming_username = forms.CharField(
        label=_("User name"), required=False, max_length=320
    )
    oauth_provider = forms.ChoiceField(
        label=_("Sign in"), choices=SIGN_IN, required=False, initial="password"
    )
    incoming_password = SecretField(label=_("Password"), strip=False)
    oauth_client_id = forms.CharField(
        label=_("Client id"),
        required=False,
        max_length=400,
        help_text=_("Of the app that you registered with the provider."),
    )
    oauth_client_secret = SecretField(label=_("Client secret"))
    oauth_tenant = forms.CharField(
        label=_("Directory (tenant) id"),
        required=False,
        max_length=100,
        help_text=_("Only for Microsoft. Empty means any organization."),
    )
    oauth_authorization_url = forms.CharField(
        label=_("Sign-in address"), required=False, max_length=500
    )
    oauth_token_url = forms.CharField(
        label=_("Token address"), required=False, max_length=500
    )
    oauth_scope = forms.CharField(label=_("Scope"), required=False, max_length=500)
    incoming_folders = LinesField(
        label=_("Folders"), help_text=_("One on each line. Empty means INBOX."), rows=2
    )
    incoming_begins_with = forms.ChoiceField(
        label=_("Read"), choices=BEGINS, required=False
    )
    incoming_afterwards = forms.ChoiceField(
        label=_("When mail has been read"), choices=AFTERWARDS, required=False
    )
    incoming_move_to = forms.CharField(
        label=_("Folder to move it to"), required=False, max_length=200
    )
    incoming_provider = forms.ChoiceField(
        label=_("Provider"), choices=[*CHOOSE, *posting_providers()], required=False
    )
    outgoing_transport = forms.ChoiceField(
        label=_("Mail goes out by"), choices=OUTGOING_WAYS, required=False
    )
    outgoing_host = forms.CharField(label=_("Server"), required=False, max_length=253)
    outgoing_port = forms.IntegerField(
        label=_("Port"),
        required=False,
        min_value=1,
        max_value=65535,
        help_text=_("Empty means 587 for STARTTLS, 465 for TLS, else 25."),
    )
    outgoing_security = forms.ChoiceField(
        label=_("Encryption"), choices=SECURITY, required=False, initial="starttls"
    )
    outgoing_username = forms.CharField(
        label=_("User name"), required=False, max_length=320
    )
    outgoing_password = SecretField(label=_("Password"), strip=False)
    outgoing_uses_oauth = forms.BooleanField(
        label=_("Sign in with the same account as to the mailbox (OAuth)"),
        required=False,
    )
    outgoing_provider = forms.ChoiceField(
        label=_("Provider"), choices=[*CHOOSE, *sending_providers()], required=False
    )
    trusted_servers = LinesField(
        label=_("Trusted authentication servers"),
        help_text=_(
            "Names of servers of yours whose Authentication-Results we believe, one "
            "on each line, such as mx.google.com. Without one nobody's From is proven."
        ),
    )
    checks_senders = forms.BooleanField(
        label=_("Check SPF, DKIM and DMARC ourselves"),
        required=False,
        help_text=_("Needs DNS. Only what comes by SMTP or IMAP is checked."),
    )
    trusts_colleagues = forms.BooleanField(
        label=_("Believe colleagues who write from the networks below"), required=False
    )
    trusted_networks = LinesField(
        label=_("Networks of your own"), help_text=_("Such as 10.0.0.0/8."), rows=2
    )
    plus_addresses = forms.ChoiceField(
        label=_("Mail to plus-addresses comes in"),
        choices=PLUS,
        required=False,
        help_text=_(
            "Such as support+anything@. Then each answer gets an address of its own."
        ),
    )
    bounce_address = forms.BooleanField(
        label=_("Have reports of undelivered mail sent to bounce+…@ your domain"),
        required=False,
        help_text=_("Only if mail to such addresses arrives in this channel."),
    )

    def __init__(
        self, *args: Any, stored: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self.stored = stored or {}
        super().__init__(*args, **kwargs)
        for field in PROVIDER_FIELDS:
            self.fields[field.name] = field.form_field()
        for name, path in PATHS.items():
            self._show_stored(name, path)
        plus = stored_value(self.stored, ("plus_addresses",))
        self.initial["plus_addresses"] = {True: "yes", False: "no"}.get(plus, "")

    def _show_stored(self, name: str, path: tuple[str, ...]) -> None:
        if not self._belongs(name):
            return
        value = stored_value(self.stored, path)
        if isinstance(self.fields[name], SecretField):
            if value:
                self.fields[name].help_text = _("Set. Leave it empty to keep it.")
        elif value is not None:
            self.initial[name] = value

    def _belongs(self, name: str) -> bool:
        """Whether a provider's field speaks of the provider that is stored."""
        for field in PROVIDER_FIELDS:
            if field.name == name:
                side = "incoming" if field.side == "incoming" else "outgoing"
                return bool(
                    stored_value(self.stored, (side, "provider")) == field.provider
                )
        return True

    def has_stored(self, name: str) -> bool:
        """Whether the channel holds a value for a secret field."""
        return self._belongs(name) and bool(stored_value(self.stored, PATHS[name]))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, words in settings_checks.problems(
            data, has_stored=self.has_stored, stored=self.stored
        ):
            if name not in self.errors:
                self.add_error(name, words)
        return data
