"""What everybody may know of a chat channel before anything is written."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from channels_ingest.providers.chat.logo import logo_path
from channels_ingest.providers.chat.settings import (
    ChatSettings,
    Invitation,
    chat_settings,
)
from helpdesk.accounts.models import User
from helpdesk.api.v1.chat.errors import Refused
from helpdesk.api.v1.chat.me import rules_as_json
from helpdesk.api.v1.chat.showing import agent_as_json, moment
from helpdesk.api.v1.chat.views import PublicChatView
from helpdesk.chat.availability import agents_there
from helpdesk.chat.colors import color_or
from helpdesk.chat.file_rules import PROGRAMS, hint_of, types_of
from helpdesk.chat.hours import hours_in_words, open_state, zone_of
from helpdesk.chat.languages import language_for
from helpdesk.chat.origins import is_allowed_origin, origin_of
from helpdesk.chat.people import people_of
from helpdesk.chat.reply_time import reply_minutes
from helpdesk.chat.rules import rules_for
from helpdesk.chat.stamps import new_stamp
from inbox.models import Channel

KINDS: Final = ("webchat", "api")
Shown = dict[str, Any]


class ChannelView(PublicChatView):
    """`channels/{key}/`"""

    def get(self, request: Request, key: str) -> Response:
        channel = channel_with(key)
        refuse_foreign_origin(request, channel)
        language = language_for(
            asked=request.query_params.get("language", ""),
            accepted=request.headers.get("Accept-Language", ""),
        )
        with translation.override(language):
            return Response(channel_as_json(channel, language=language))


def channel_with(key: str) -> Channel:
    """Return the chat channel with this public key.

    :raises NotFound: if there is none, or it is not in use
    """
    if not key.isprintable():
        raise NotFound
    channels = Channel.objects.active().select_related("brand", "team")
    channel = channels.filter(address=key, kind__in=KINDS).first()
    if channel is None:
        raise NotFound
    return channel


def refuse_foreign_origin(request: HttpRequest | Request, channel: Channel) -> None:
    """Take from browsers only what the desk's own pages and allowed ones send.

    :raises Refused: if the page is neither; programs name no page
    """
    sent = request.headers.get("Origin", "")
    if not sent or channel.kind != "webchat" or is_own_origin(request, sent):
        return
    if not is_allowed_origin(sent, domains=chat_settings(channel.config).domains):
        raise Refused(
            "origin_not_allowed",
            _("This chat may not stand on this page. Its owner can allow the domain."),
            status=status.HTTP_403_FORBIDDEN,
        )


def is_own_origin(request: HttpRequest | Request, origin: str) -> bool:
    own = (settings.PUBLIC_URL, f"{request.scheme}://{request.get_host()}")
    return bool(origin_of(origin)) and origin_of(origin) in map(origin_of, own)


def channel_as_json(channel: Channel, *, language: str) -> Shown:
    """Return the public side of a channel, in the language that is active."""
    now = timezone.now()
    chat = chat_settings(channel.config)
    state = open_state(chat.hours, now=now)
    return {
        "key": channel.address,
        "kind": channel.kind,
        "brand": channel.brand.name,
        "language": language,
        "theme": _theme(chat, key=channel.address),
        "greeting": chat.greeting.get(language) or chat.greeting.get("en", ""),
        "notice": chat.notice,
        "hours": {
            "is_open": state.is_open,
            "changes_at": moment(state.changes_at) if state.changes_at else None,
            "time_zone": str(zone_of(chat.hours)),
            "text": hours_in_words(chat.hours),
        },
        "reply_minutes": reply_minutes(channel_id=channel.pk, now=now),
        "people": [_person(agent) for agent in people_of(channel)],
        "is_anybody_there": agents_there(channel).exists(),
        "form": _form(chat),
        "rules": rules_as_json(rules_for(None, chat)),
        "files": _files(chat),
        "has_sound": chat.has_sound,
        "asks_rating": chat.asks_rating,
        "tracks_visits": chat.tracks_visits,
        "invitations": [_invitation(it) for it in chat.invitations],
        "stamp": new_stamp(channel_key=channel.address, now=now),
    }


def _files(chat: ChatSettings) -> Shown:
    types = types_of(chat)
    return {
        "max_bytes": chat.file_bytes,
        "types": types,
        "refused": [] if types else sorted(PROGRAMS),
        "hint": hint_of(chat),
    }


def _theme(chat: ChatSettings, *, key: str) -> Shown:
    default = ChatSettings().color
    kept = chat.logo_file
    return {
        "color": color_or(chat.color, default),
        "position": chat.position,
        "radius": chat.radius,
        "scheme": chat.scheme,
        "logo_url": (
            logo_path(channel_key=key, stored_name=kept) if kept else chat.logo_url
        ),
    }


def _person(agent: User) -> Shown:
    shown = agent_as_json(agent) or {}
    return {**shown, "name": agent.first_name if agent.name else ""}


def _form(chat: ChatSettings) -> Shown:
    return {
        "for": chat.form_for,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "type": field.type,
                "is_required": field.is_required,
                "options": list(field.options),
            }
            for field in chat.form_fields
        ],
    }


def _invitation(invitation: Invitation) -> Shown:
    return {
        "key": invitation.key,
        "text": invitation.text,
        "url_contains": invitation.url_contains,
        "seconds": invitation.seconds,
        "visits_at_least": invitation.visits_at_least,
        "attributes": dict(invitation.attributes),
        "needs_somebody": invitation.needs_somebody,
        "pause_hours": invitation.pause_hours,
    }
