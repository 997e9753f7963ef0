"""From the filled-in form to the config that `chat_settings` reads."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

RULES = ("may_start", "may_reply_to_closed", "may_have_several")
RULE_FIELDS = tuple(f"{who}_{rule}" for who in ("visitors", "known") for rule in RULES)
PATHS: dict[str, tuple[str, ...]] = {
    **{
        name: (name,)
        for name in (
            *("domains", "color", "position", "radius", "scheme", "logo_url"),
            *("greeting", "notice", "form_fields", "form_for", "invitations"),
            *("tracks_visits", "has_sound", "asks_rating", "unanswered_seconds"),
            "file_types",
        )
    },
    **{f"{who}_{rule}": (who, rule) for who in ("visitors", "known") for rule in RULES},
    **{
        f"by_mail_{name}": ("by_mail", name)
        for name in ("is_on", "minutes", "gap_minutes", "most_messages", "channel_id")
    },
    "file_megabytes": ("file_bytes",),
    "hours": ("hours", "days"),
    "time_zone": ("hours", "time_zone"),
    "holidays": ("hours", "holidays"),
}
"""Where each field of the form stands below `config["chat"]`."""
_KEY_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_channel_key() -> str:
    """Return a public name for a channel that nobody has yet."""
    return "chat-" + "".join(secrets.choice(_KEY_LETTERS) for _number in range(10))


def new_identity_secret() -> str:
    """Return what signed identities of a channel are signed with."""
    return secrets.token_urlsafe(32)


def secret_fingerprint(secret: str) -> str:
    """Return what a secret can be named by without being told."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def chat_config_from(
    data: Mapping[str, Any], *, stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the new config; what the form has no field for stays.

    The first time a secret for signed identities is made.
    """
    chat = _as_dict(stored.get("chat"))
    chat.setdefault("identity_secrets", [new_identity_secret()])
    for name, path in PATHS.items():
        if name in data:
            _put(chat, path, data[name])
    return {**stored, "chat": chat}


def value_at(plain: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = plain
    for key in path:
        value = value[key]
    return value


def _put(chat: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *parents, last = path
    into = chat
    for key in parents:
        into[key] = _as_dict(into.get(key))
        into = into[key]
    into[last] = value


def _as_dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
