"""From the filled-in form to the config that the adapter reads."""

from collections.abc import Mapping
from typing import Any

from channels_ingest.adapters.email.forms import (
    PROVIDER_FIELDS,
    EmailSettingsForm,
    stored_value,
)
from channels_ingest.form_fields import SecretField

PORTS_IN = {"tls": 993}
PORTS_OUT = {"tls": 465, "starttls": 587}
_SERVER = ("host", "port", "security", "username")
_ISSUED = ("access_token", "expires_at", "refresh_token")
"""What an OAuth provider gave us; no form has a field for it."""
OWN_KEYS = frozenset(
    (
        *("incoming", "outgoing", "oauth", "trusted_servers", "checks_senders"),
        *("trusted_networks", "trusts_colleagues", "bounce_address"),
        "plus_addresses",
    )
)


def config_from(
    form: EmailSettingsForm, *, stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the new config; secrets that were left empty are taken from `stored`.

    Keys of what is not chosen any more are left out, credentials among them.
    """
    writer = _Writer(form, stored)
    config = {key: value for key, value in stored.items() if key not in OWN_KEYS}
    config["incoming"] = writer.incoming()
    if outgoing := writer.outgoing():
        config["outgoing"] = outgoing
    if oauth := writer.oauth():
        config["oauth"] = oauth
    config |= writer.trust()
    return config


class _Writer:
    def __init__(self, form: EmailSettingsForm, stored: Mapping[str, Any]) -> None:
        self.form = form
        self.data = form.cleaned_data
        self.stored = stored

    def _value(self, name: str, path: tuple[str, ...]) -> Any:
        value = self.data.get(name)
        if not value and isinstance(self.form.fields[name], SecretField):
            return stored_value(self.stored, path) or ""
        return value

    def _part(self, side: str, names: tuple[str, ...]) -> dict[str, Any]:
        values = {n: self._value(f"{side}_{n}", (side, n)) for n in names}
        return {name: value for name, value in values.items() if value}

    @property
    def _uses_oauth(self) -> bool:
        return self.data["incoming_transport"] == "imap" and self.data.get(
            "oauth_provider"
        ) not in ("", None, "password")

    def incoming(self) -> dict[str, Any]:
        transport = self.data["incoming_transport"]
        if transport == "imap":
            return {"transport": "imap", **self._mailbox()}
        if transport == "webhook":
            provider = self.data["incoming_provider"]
            return {
                "transport": "webhook",
                "provider": provider,
                "settings": self._provider_values("incoming", provider),
            }
        return {"transport": "smtp"}

    def _mailbox(self) -> dict[str, Any]:
        names = (*_SERVER, "folders", "begins_with", "afterwards")
        found = self._part("incoming", names)
        found.setdefault("port", PORTS_IN.get(found.get("security", "tls"), 143))
        if not self._uses_oauth:
            found |= self._part("incoming", ("password",))
        if found.get("afterwards") == "move":
            found |= self._part("incoming", ("move_to",))
        if seconds := stored_value(self.stored, ("incoming", "poll_seconds")):
            found["poll_seconds"] = seconds
        return found

    def outgoing(self) -> dict[str, Any]:
        transport = self.data.get("outgoing_transport")
        if transport == "smtp":
            return {"transport": "smtp", **self._mail_server()}
        if transport == "provider":
            provider = self.data["outgoing_provider"]
            found = {
                "transport": "provider",
                "provider": provider,
                "settings": self._provider_values("outgoing", provider),
            }
            if secrets := self._provider_values("tracking", provider):
                found["webhook"] = secrets
            return found
        return {}

    def _mail_server(self) -> dict[str, Any]:
        found = self._part("outgoing", _SERVER)
        found.setdefault("port", PORTS_OUT.get(found.get("security", "starttls"), 25))
        if self.data.get("outgoing_uses_oauth"):
            token = stored_value(self.stored, ("oauth", "access_token"))
            return {**found, "uses_oauth": True, "access_token": token or ""}
        if found.get("username"):
            found |= self._part("outgoing", ("password",))
        return found

    def _provider_values(self, side: str, provider: str) -> dict[str, Any]:
        before = "outgoing" if side == "tracking" else side
        is_same = stored_value(self.stored, (before, "provider")) == provider
        found: dict[str, Any] = {}
        for field in PROVIDER_FIELDS:
            if (field.side, field.provider) != (side, provider):
                continue
            value = self.data.get(field.name) or ""
            if not value and field.setting.is_secret and is_same:
                value = stored_value(self.stored, field.path) or ""
            if value:
                _put(found, field.setting.path, value)
        return found

    def oauth(self) -> dict[str, Any]:
        if not self._uses_oauth:
            return {}
        provider = self.data["oauth_provider"]
        names = ["provider", "client_id", "client_secret"]
        if provider == "microsoft":
            names.append("tenant")
        if provider == "other":
            names += ["authorization_url", "token_url", "scope"]
        found = self._part("oauth", tuple(names))
        before = self.stored.get("oauth") or {}
        if all(before.get(k) == found.get(k) for k in ("provider", "client_id")):
            found |= {key: before[key] for key in _ISSUED if key in before}
        return found

    def trust(self) -> dict[str, Any]:
        names = ("trusted_servers", "checks_senders", "trusts_colleagues")
        found = {name: self.data[name] for name in names if self.data.get(name)}
        for name in ("trusted_networks", "bounce_address"):
            if self.data.get(name):
                found[name] = self.data[name]
        if plus := self.data.get("plus_addresses"):
            found["plus_addresses"] = plus == "yes"
        return found


def _put(into: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *parents, last = path
    for key in parents:
        into = into.setdefault(key, {})
    into[last] = value
