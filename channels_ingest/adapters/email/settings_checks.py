"""What is wrong with a channel's mail settings, said so that it can be mended."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from channels_ingest.adapters.email.imap.settings import MOVE
from channels_ingest.adapters.email.provider_settings import (
    OUTGOING,
    protects,
    webhook_settings,
)
from helpdesk.core.http import url_allowed

Problem = tuple[str, Any]
HasStored = Callable[[str], bool]
_HOST = re.compile(r"(?=.{1,253}\Z)[^\s/:@]+|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:]+")

NAME_IT = _("Name the server, for example %s.")
HOST_ONLY = _("Only the server's name, without https:// and without a slash.")
WHO = _("Type the user name that the server knows you by.")
PASSWORD = _("Type the password.")
AGAIN = _(
    "Type the password again: the server has changed, and the stored password is "
    "sent to nobody else."
)
CLIENT_ID = _("Type the client id of the app that you registered.")
CLIENT_SECRET = _("Type the client secret of the app that you registered.")
ADDRESS = _("Type an address that begins with https:// and can be reached from here.")
FOLDER = _("Name the folder that mail is moved to.")
PROVIDER = _("Choose the provider.")
PROTECT = _(
    "Type a signing key, or a user and password for the address: without one anybody "
    "could post mail here."
)
USER_AND_PASSWORD = _("Write it as user:password.")
NEEDS_BOTO = _(
    "Amazon SES needs the package boto3, which is not installed. Install it where "
    "this desk runs, or use the SMTP server that Amazon SES offers."
)
NEEDED = _("The provider needs this.")
NETWORK = _("“%s” is no network. Write it like 10.0.0.0/8.")
NETWORKS = _("Name the networks that colleagues write from.")
OAUTH_FIRST = _("Choose above how to sign in with OAuth, or type a password here.")


def problems(
    data: Mapping[str, Any], *, has_stored: HasStored, stored: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield each field that has to be changed, with what to do."""
    checks = _Checks(data, has_stored=has_stored, stored=stored)
    if data.get("incoming_transport") == "imap":
        yield from checks.mailbox()
    if data.get("incoming_transport") == "webhook":
        yield from checks.webhook("incoming", "inbound")
    if data.get("outgoing_transport") == "smtp":
        yield from checks.mail_server()
    if data.get("outgoing_transport") == "provider":
        yield from checks.provider()
        yield from checks.webhook("tracking", "tracking")
    yield from checks.trust()


class _Checks:
    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        has_stored: HasStored,
        stored: Mapping[str, Any],
    ) -> None:
        self.data = data
        self.has_stored = has_stored
        self.stored = stored

    def _has(self, name: str) -> bool:
        return bool(self.data.get(name)) or self.has_stored(name)

    @property
    def _uses_oauth(self) -> bool:
        return self.data.get("oauth_provider") not in ("", None, "password")

    def mailbox(self) -> Iterator[Problem]:
        yield from self._server("incoming", example="imap.example.com")
        if not self.data.get("incoming_username"):
            yield "incoming_username", WHO
        if self._uses_oauth:
            yield from self._oauth()
        else:
            yield from self._password("incoming")
        wants_folder = self.data.get("incoming_afterwards") == MOVE
        if wants_folder and not self.data.get("incoming_move_to"):
            yield "incoming_move_to", FOLDER

    def _server(self, side: str, *, example: str) -> Iterator[Problem]:
        host = str(self.data.get(f"{side}_host") or "")
        if not host:
            yield f"{side}_host", NAME_IT % example
        elif not _HOST.fullmatch(host):
            yield f"{side}_host", HOST_ONLY

    def _password(self, side: str) -> Iterator[Problem]:
        """A stored password goes to the server it was typed for, and to no other."""
        name = f"{side}_password"
        if self.data.get(name):
            return
        if not self.has_stored(name):
            yield name, PASSWORD
            return
        before = self.stored.get(side) or {}
        is_bared = (
            self.data.get(f"{side}_security") == "none"
            and before.get("security") != "none"
        )
        if is_bared or before.get("host") != self.data.get(f"{side}_host"):
            yield name, AGAIN

    def _oauth(self) -> Iterator[Problem]:
        if not self.data.get("oauth_client_id"):
            yield "oauth_client_id", CLIENT_ID
        provider = self.data.get("oauth_provider")
        if provider == "google" and not self._has("oauth_client_secret"):
            yield "oauth_client_secret", CLIENT_SECRET
        if provider == "other":
            for name in ("oauth_authorization_url", "oauth_token_url"):
                if not is_usable_url(str(self.data.get(name) or "")):
                    yield name, ADDRESS
        if self._was_other_provider() and not self.data.get("oauth_client_secret"):
            yield "oauth_client_secret", AGAIN

    def _was_other_provider(self) -> bool:
        """Whether a stored client secret would go to somebody it is not for."""
        before = self.stored.get("oauth") or {}
        return bool(before.get("client_secret")) and (
            before.get("provider") != self.data.get("oauth_provider")
            or (before.get("token_url") or "")
            != (self.data.get("oauth_token_url") or "")
        )

    def mail_server(self) -> Iterator[Problem]:
        yield from self._server("outgoing", example="smtp.example.com")
        if self.data.get("outgoing_uses_oauth"):
            is_possible = (
                self.data.get("incoming_transport") == "imap" and self._uses_oauth
            )
            if not is_possible:
                yield "outgoing_uses_oauth", OAUTH_FIRST
            if not self.data.get("outgoing_username"):
                yield "outgoing_username", WHO
        elif self.data.get("outgoing_username"):
            yield from self._password("outgoing")

    def webhook(self, side: str, direction: str) -> Iterator[Problem]:
        chosen = "incoming" if side == "incoming" else "outgoing"
        provider = str(self.data.get(f"{chosen}_provider") or "")
        if not provider:
            if side == "incoming":
                yield "incoming_provider", PROVIDER
            return
        names = [each.name for each in webhook_settings(provider, direction=direction)]
        shared = str(self.data.get(f"{side}_{provider}_webhook_secret") or "")
        if shared and ":" not in shared.strip(":"):
            yield f"{side}_{provider}_webhook_secret", USER_AND_PASSWORD
        keys = [n for n in names if protects(provider, n, direction=direction)]
        is_needed = side == "incoming" and keys
        if is_needed and not any(self._has(f"{side}_{provider}_{key}") for key in keys):
            yield f"{side}_{provider}_{keys[0]}", PROTECT

    def provider(self) -> Iterator[Problem]:
        provider = str(self.data.get("outgoing_provider") or "")
        if not provider:
            yield "outgoing_provider", PROVIDER
            return
        if provider == "amazon_ses" and find_spec("boto3") is None:
            yield "outgoing_provider", NEEDS_BOTO
        for each in OUTGOING[provider]:
            name = f"outgoing_{provider}_{each.name.replace('.', '_')}"
            value = str(self.data.get(name) or "")
            if each.is_url and value and not is_usable_url(value):
                yield name, ADDRESS
            elif (
                each.is_required
                and not value
                and not (each.is_secret and self.has_stored(name))
            ):
                yield name, NEEDED
        yield from self._same_place(provider)

    def _same_place(self, provider: str) -> Iterator[Problem]:
        """A stored key is not sent to another API address than it was typed for."""
        name = f"outgoing_{provider}_api_url"
        before = (self.stored.get("outgoing") or {}).get("settings") or {}
        if (before.get("api_url") or "") == (self.data.get(name) or ""):
            return
        for each in OUTGOING[provider]:
            field = f"outgoing_{provider}_{each.name}"
            if each.is_secret and not self.data.get(field) and self.has_stored(field):
                yield field, AGAIN

    def trust(self) -> Iterator[Problem]:
        networks = self.data.get("trusted_networks") or []
        for network in networks:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                yield "trusted_networks", NETWORK % network
        if self.data.get("trusts_colleagues") and not networks:
            yield "trusted_networks", NETWORKS


def is_usable_url(url: str) -> bool:
    """Whether requests with secrets may go there: encrypted, and not into our network.

    What the operator opened with TRIBUTARY_PRIVATE_HOSTS is allowed, also without TLS.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None:
        return False
    if parts.scheme == "https":
        return url_allowed(url)
    return (
        parts.scheme == "http"
        and url_allowed(url)
        and not url_allowed(url, private_hosts=())
    )
