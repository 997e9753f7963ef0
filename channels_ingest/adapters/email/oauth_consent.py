"""Ask an admin's mail provider for permission to use a mailbox (OAuth 2 with PKCE)."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from channels_ingest.adapters.email.oauth import (
    MICROSOFT_SCOPE,
    Tokens,
    token_url,
)
from helpdesk.core.http import (
    AddressForbidden,
    HostNotFound,
    RequestFailed,
    send_request,
)

GOOGLE = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_SCOPE = "https://mail.google.com/"
MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"
NO_REFRESH_TOKEN = "no refresh token"  # noqa: S105 - names a situation


class ConsentFailed(Exception):
    """The provider gave no permission; `said` is its own word for why."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def challenge_of(verifier: str) -> str:
    """Return what the provider compares the verifier with (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def consent_url(
    oauth: Mapping[str, Any],
    *,
    redirect_uri: str,
    state: str,
    verifier: str,
    login_hint: str = "",
) -> str:
    """Return where the admin gives permission."""
    query = {
        "client_id": str(oauth.get("client_id", "")),
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": _scope(oauth),
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    if login_hint:
        query["login_hint"] = login_hint
    if oauth.get("provider") == "google":
        # Google hands out a lasting permission only when it is asked for like this.
        query |= {"access_type": "offline", "prompt": "consent"}
    address = _consent_address(oauth)
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"


def consent_origin(oauth: Mapping[str, Any]) -> str:
    """Return the site that the browser is sent to."""
    parts = urlsplit(_consent_address(oauth))
    return f"{parts.scheme}://{parts.netloc}"


def _consent_address(oauth: Mapping[str, Any]) -> str:
    provider = oauth.get("provider")
    if provider == "microsoft":
        tenant = quote(str(oauth.get("tenant") or "common"), safe="")
        return MICROSOFT.format(tenant=tenant)
    return GOOGLE if provider == "google" else str(oauth.get("authorization_url", ""))


def _scope(oauth: Mapping[str, Any]) -> str:
    usual = {"google": GOOGLE_SCOPE, "microsoft": MICROSOFT_SCOPE}
    return str(oauth.get("scope") or usual.get(str(oauth.get("provider")), ""))


def exchange_code(
    oauth: Mapping[str, Any],
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
    now: datetime,
) -> Tokens:
    """Exchange the code that the provider sent back for tokens.

    :raises ConsentFailed: if it does not issue a lasting permission
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": str(oauth.get("client_id", "")),
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
    }
    if oauth.get("client_secret"):
        form["client_secret"] = str(oauth["client_secret"])
    answer = _ask(token_url(oauth), form)
    if not answer.get("refresh_token"):
        raise ConsentFailed(NO_REFRESH_TOKEN)
    return Tokens(
        access_token=str(answer["access_token"]),
        expires_at=now + timedelta(seconds=float(answer.get("expires_in") or 3600)),
        refresh_token=str(answer["refresh_token"]),
    )


def _ask(url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        response = send_request("POST", url, data=dict(form))
        answer = response.json()
    except (RequestFailed, AddressForbidden, HostNotFound, ValueError) as error:
        raise ConsentFailed(type(error).__name__) from error
    if not isinstance(answer, dict):
        raise ConsentFailed(f"status {response.status_code}")
    if not response.is_success or not answer.get("access_token"):
        said = answer.get("error_description") or answer.get("error")
        raise ConsentFailed(str(said or f"status {response.status_code}")[:300])
    return answer
