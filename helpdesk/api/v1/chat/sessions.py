"""A visitor begins, or comes back with the word of a site about who they are."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from channels_ingest.providers.chat.settings import chat_settings, identity_secrets
from helpdesk.api.v1.chat.channels import channel_with, refuse_foreign_origin
from helpdesk.api.v1.chat.claims import claims_in, object_in
from helpdesk.api.v1.chat.errors import Refused
from helpdesk.api.v1.chat.me import me_as_json
from helpdesk.api.v1.chat.throttling import ADDRESS_SESSIONS, CHANNEL_SESSIONS
from helpdesk.api.v1.chat.views import PublicChatView
from helpdesk.chat.actions.sessions import (
    IdentityUsed,
    OpenSession,
    open_anonymous_session,
    open_known_session,
    reopen_session,
)
from helpdesk.chat.identity import (
    IdentityExpired,
    IdentityInvalid,
    IdentityMissing,
    IdentityRefused,
    read_identity,
)
from helpdesk.chat.rules import rules_for
from helpdesk.chat.stamps import (
    StampInvalid,
    StampTooFresh,
    StampTooOld,
    check_stamp,
)
from helpdesk.core.limits import take
from inbox.models import Channel

_CODES: Mapping[type[IdentityRefused], str] = {
    IdentityMissing: "identity_missing",
    IdentityInvalid: "identity_invalid",
    IdentityExpired: "identity_expired",
}


class SessionsView(PublicChatView):
    """`channels/{key}/sessions/`"""

    def post(self, request: Request, key: str) -> Response:
        channel = channel_with(key)
        refuse_foreign_origin(request, channel)
        sent = object_in(request)
        if "identity" in sent:
            session = _known(channel, sent)
        else:
            session = _reopened(channel, sent) or self._anonymous(channel, sent)
        answer = {"token": session.token, "visitor": me_as_json(session.visitor)}
        return Response(answer, status=status.HTTP_201_CREATED)

    def _anonymous(self, channel: Channel, sent: Mapping[str, Any]) -> OpenSession:
        if not rules_for(None, chat_settings(channel.config)).may_start:
            raise Refused(
                "sign_in_first",
                _("Sign in on the site first; then you can write here."),
                status=status.HTTP_403_FORBIDDEN,
            )
        if channel.kind == "webchat":
            _refuse_programs(channel, sent)
        take(ADDRESS_SESSIONS, self.network)
        _take_of_channel(channel)
        return open_anonymous_session(
            channel=channel, claims=claims_in(sent), now=timezone.now()
        )


def _known(channel: Channel, sent: Mapping[str, Any]) -> OpenSession:
    now = timezone.now()
    try:
        proof = read_identity(
            sent["identity"],
            secrets=identity_secrets(channel.config),
            channel_key=channel.address,
            now=now,
        )
        _take_of_channel(channel)
        return open_known_session(
            channel=channel,
            proof=proof,
            earlier_token=_text(sent, "token"),
            claims=claims_in(sent),
            now=now,
        )
    except IdentityRefused as error:
        raise _unproven(_CODES[type(error)], error.reason) from None
    except IdentityUsed:
        reason = "It opened a session before. Sign a new one for each page view."
        raise _unproven("identity_used", reason) from None


def _take_of_channel(channel: Channel) -> None:
    """Count what would be opened, and only that: refusals keep nobody else away."""
    take(CHANNEL_SESSIONS, str(channel.pk))


def _reopened(channel: Channel, sent: Mapping[str, Any]) -> OpenSession | None:
    return reopen_session(
        channel=channel, token=_text(sent, "token"), claims=claims_in(sent)
    )


def _unproven(code: str, reason: str) -> Refused:
    # Read by whoever builds the site, in the language of the documentation.
    return Refused(code, reason, status=status.HTTP_401_UNAUTHORIZED)


def _refuse_programs(channel: Channel, sent: Mapping[str, Any]) -> None:
    if sent.get("website"):
        raise Refused("not_a_person", _("Leave the field website empty."))
    try:
        check_stamp(
            _text(sent, "stamp"), channel_key=channel.address, now=timezone.now()
        )
    except StampInvalid:
        message = _("Load the chat again, then write.")
        raise Refused("stamp_invalid", message) from None
    except StampTooFresh:
        message = _("That was very fast. Wait a second, then send it again.")
        raise Refused("stamp_too_fresh", message) from None
    except StampTooOld:
        message = _("The chat has been open for long. Load it again, then write.")
        raise Refused("stamp_expired", message) from None


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    return value if isinstance(value, str) else ""
