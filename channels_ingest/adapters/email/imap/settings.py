"""How to reach a mailbox, read from a channel's `config["incoming"]`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

POLL_SECONDS = 60.0
KEEP, SEEN, MOVE, DELETE = "keep", "seen", "move", "delete"


class SettingsIncomplete(Exception):
    """Something is missing without which nobody can connect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """Where the mailbox is, how to sign in, and what to do with what was read."""

    host: str
    port: int
    username: str
    security: str = "tls"
    """`tls`, `starttls` or `none`."""
    password: str = ""
    uses_oauth: bool = False
    folders: tuple[str, ...] = ("INBOX",)
    begins_with: str = "new"
    """`new`: what comes from now on; `all`: what is there already, too."""
    afterwards: str = KEEP
    """`keep`, `seen`, `move` or `delete`, always after the mail is on our disk."""
    move_to: str = ""
    poll_seconds: float = POLL_SECONDS

    @property
    def changes_mailbox(self) -> bool:
        return self.afterwards != KEEP


def mailbox_settings(config: Mapping[str, Any]) -> MailboxSettings | None:
    """Return the settings of a channel that reads a mailbox, None for others.

    :raises SettingsIncomplete: if it should read one, but does not say which
    """
    incoming = config.get("incoming") or {}
    if incoming.get("transport") != "imap":
        return None
    security = str(incoming.get("security") or "tls")
    if not incoming.get("host") or not incoming.get("username"):
        raise SettingsIncomplete("The mailbox needs a server and a user name.")
    return MailboxSettings(
        host=str(incoming["host"]),
        port=int(incoming.get("port") or (993 if security == "tls" else 143)),
        username=str(incoming["username"]),
        security=security,
        password=str(incoming.get("password") or ""),
        uses_oauth=bool(config.get("oauth")),
        folders=tuple(incoming.get("folders") or ("INBOX",)),
        begins_with=str(incoming.get("begins_with") or "new"),
        afterwards=str(incoming.get("afterwards") or KEEP),
        move_to=str(incoming.get("move_to") or ""),
        poll_seconds=float(incoming.get("poll_seconds") or POLL_SECONDS),
    )
