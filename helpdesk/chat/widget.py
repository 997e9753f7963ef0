"""What the loader and the panel are told about their channel."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from channels_ingest.providers.chat.settings import (
    DEFAULT_COLOR,
    ChatSettings,
    Invitation,
)
from helpdesk.chat.colors import color_or, ink_on
from helpdesk.chat.embedding import allowed_origins
from helpdesk.chat.languages import direction_of
from helpdesk.core.compact import compacted
from helpdesk.core.context_processors import realtime_url
from inbox.models import Channel

_FOLDER = Path(settings.BASE_DIR) / "static" / "widget"
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


def loader_script(*, chat: ChatSettings, key: str, base: str, language: str) -> str:
    """Return the script that draws the launcher of a channel.

    :param base: the origin that the desk is reached at
    """
    return _filled_in(
        "loader.js",
        {
            "base": base,
            "key": key,
            "language": language,
            "words": launcher_words(language),
            "color": brand_color(chat),
            "ink": ink_on(brand_color(chat)),
            "position": chat.position,
            "radius": chat.radius,
            "scheme": "light dark" if chat.scheme == "auto" else chat.scheme,
            "tracks": chat.tracks_visits,
            "invites": bool(_shown(chat)),
        },
    )


def stage_script() -> str:
    """Return the module that opens the panel on the company's page."""
    return _compact("stage.js")


def invitations_script(chat: ChatSettings) -> str:
    """Return the module that shows the channel's invitations."""
    return _filled_in("invitations.js", [_as_json(it) for it in _shown(chat)])


def unknown_script(key: str) -> str:
    """Return a script that tells the page's developer that there is no such widget."""
    text = f"There is no chat widget with the key {key}. Copy its script tag again."
    return f"console.warn({as_script(text)});\n"


def launcher_words(language: str) -> dict[str, str]:
    """Return what the launcher says, by name."""
    with translation.override(language):
        return {
            "language": language,
            "direction": direction_of(language),
            "name": _("Chat"),
            "open": _("Open chat"),
            "close": _("Close chat"),
            "unread": _("Unread messages: {count}"),
            "dismiss": _("Dismiss"),
        }


def panel_setup(
    request: HttpRequest, *, channel: Channel, chat: ChatSettings
) -> dict[str, Any]:
    """Return what the panel has to know before it asks the API for anything."""
    return {
        "key": channel.address,
        "brand": channel.brand.name,
        "api": "/api/v1/chat/",
        "socket": realtime_url(request, "/ws/chat/"),
        "origins": allowed_origins(chat.domains),
        "theme": {
            "color": brand_color(chat),
            "ink": ink_on(brand_color(chat)),
            "radius": chat.radius,
            "scheme": chat.scheme,
        },
    }


def brand_color(chat: ChatSettings) -> str:
    """Return the channel's color, or ours where it has none that is one."""
    return color_or(chat.color, DEFAULT_COLOR)


def as_script(value: object) -> str:
    """Return a value as JavaScript that means the same wherever it stands."""
    return json.dumps(value, separators=(",", ":")).translate(_ESCAPES)


def _shown(chat: ChatSettings) -> list[Invitation]:
    return [it for it in chat.invitations if it.key and it.text]


def _as_json(invitation: Invitation) -> Mapping[str, Any]:
    return {
        "key": invitation.key,
        "text": invitation.text,
        "url": invitation.url_contains,
        "seconds": invitation.seconds,
        "visits": invitation.visits_at_least,
        "attributes": dict(invitation.attributes),
        "needsSomebody": invitation.needs_somebody,
        "pauseHours": invitation.pause_hours,
    }


def _filled_in(name: str, value: object) -> str:
    return _compact(name).replace("__SETUP__", as_script(value), 1)


@lru_cache
def _compact(name: str) -> str:
    return compacted((_FOLDER / name).read_text())
