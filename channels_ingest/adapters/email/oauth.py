"""Access tokens for mailboxes at Google, Microsoft and others.

`config["oauth"]` holds `provider` (`google`, `microsoft` or `other`), `client_id`,
`client_secret`, `refresh_token`, and what we got last: `access_token`, `expires_at`.
Microsoft takes a `tenant` too, any other provider a `token_url`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from helpdesk.core.http import RequestFailed, Retries, send_request

REFRESH_BEFORE = timedelta(minutes=5)
_GOOGLE = "https://oauth2.googleapis.com/token"
_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
MICROSOFT_SCOPE = (
    "https://outlook.office.com/IMAP.AccessAsUser.All"
    " https://outlook.office.com/SMTP.Send offline_access"
)
SIGN_IN_AGAIN = (
    "The permission to read this mailbox has ended or was withdrawn."
    " An admin has to sign in to it again in the channel's settings."
)


class SignInExpired(Exception):
    """The provider does not renew the permission: a person has to give it again."""


class TokenNotRenewed(Exception):
    """The provider could not be asked; worth another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a provider issued."""

    access_token: str
    expires_at: datetime
    refresh_token: str

    def written_into(self, oauth: Mapping[str, Any]) -> dict[str, Any]:
        """Return the channel's `oauth` settings with these tokens."""
        return {
            **oauth,
            "access_token": self.access_token,
            "expires_at": self.expires_at.isoformat(),
            "refresh_token": self.refresh_token,
        }


def usable_token(oauth: Mapping[str, Any], *, now: datetime) -> str:
    """Return the access token if it holds for some minutes more, else ""."""
    token, expires = oauth.get("access_token"), oauth.get("expires_at")
    if not token or not expires:
        return ""
    return str(token) if datetime.fromisoformat(expires) > now + REFRESH_BEFORE else ""


def renew(oauth: Mapping[str, Any], *, now: datetime) -> Tokens:
    """Exchange the refresh token for an access token.

    :raises SignInExpired: if the provider refuses to
    :raises TokenNotRenewed: if it cannot be reached or does not answer as it should
    """
    try:
        response = send_request(
            "POST",
            token_url(oauth),
            data=_form(oauth),
            retries=Retries(),
            is_repeatable=True,
        )
        answer = response.json()
    except (RequestFailed, ValueError) as error:
        raise TokenNotRenewed(str(error)) from error
    if response.status_code in (400, 401) and answer.get("error") in (
        "invalid_grant",
        "interaction_required",
        "unauthorized_client",
        "invalid_client",
    ):
        raise SignInExpired(str(answer.get("error_description") or answer["error"]))
    if not response.is_success or not answer.get("access_token"):
        raise TokenNotRenewed(f"status {response.status_code}")
    return Tokens(
        access_token=str(answer["access_token"]),
        expires_at=now.astimezone(UTC)
        + timedelta(seconds=float(answer.get("expires_in") or 3600)),
        # Google keeps the old one, Microsoft hands out another each time.
        refresh_token=str(answer.get("refresh_token") or oauth["refresh_token"]),
    )


def token_url(oauth: Mapping[str, Any]) -> str:
    if oauth.get("token_url"):
        return str(oauth["token_url"])
    if oauth.get("provider") == "microsoft":
        tenant = quote(str(oauth.get("tenant") or "common"), safe="")
        return _MICROSOFT.format(tenant=tenant)
    return _GOOGLE


def _form(oauth: Mapping[str, Any]) -> dict[str, str]:
    form = {
        "grant_type": "refresh_token",
        "client_id": str(oauth.get("client_id", "")),
        "refresh_token": str(oauth.get("refresh_token", "")),
    }
    if oauth.get("client_secret"):
        form["client_secret"] = str(oauth["client_secret"])
    if oauth.get("provider") == "microsoft":
        form["scope"] = str(oauth.get("scope") or MICROSOFT_SCOPE)
    return form
