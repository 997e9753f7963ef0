"""A page of the site says that somebody looks at it, before and after they write."""

import re
from typing import Final

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from channels_ingest.providers.chat.settings import chat_settings
from helpdesk.api.v1.chat.authentication import VisitorAuthentication
from helpdesk.api.v1.chat.channels import channel_with, refuse_foreign_origin
from helpdesk.api.v1.chat.following import may_be_followed
from helpdesk.api.v1.chat.views import PublicChatView
from helpdesk.chat.actions.visits import note_page
from helpdesk.chat.attendance import (
    note_arrival,
    note_departure,
    note_end,
    passer_key,
    visitor_key,
)
from helpdesk.chat.models import Visitor
from helpdesk.chat.pages import Page, read_page
from helpdesk.core.limits import Limit, take
from inbox.models import Channel

VISIT_PAGES: Final = Limit(name="chat-pages", count=40, seconds=60)
ADDRESS_PAGES: Final = Limit(name="chat-pages-from", count=300, seconds=60)
"""Fewer than the site's list holds in the time that somebody stays on it."""

ADDRESS_LEAVES: Final = Limit(name="chat-leaves-from", count=300, seconds=60)


class VisitsView(PublicChatView):
    """Nothing is kept of whoever asks not to be followed, nor where it is off."""

    authentication_classes = (VisitorAuthentication,)
    max_body = 8 * 1024

    def post(self, request: Request, key: str) -> Response:
        """Note a page; `visit` is what the page calls itself while it is open."""
        channel = channel_with(key)
        refuse_foreign_origin(request, channel)
        page = _page(request, channel)
        visit = _visit(request)
        if page is None or not (visit or request.auth):
            return Response(status=204)
        take(ADDRESS_PAGES, self.network)
        visitor = request.auth
        if isinstance(visitor, Visitor) and visitor.channel_id == channel.pk:
            _note_visitor(visitor, page=page, visit=visit)
        elif visit:
            take(VISIT_PAGES, visit)
            note_arrival(
                channel_id=channel.pk,
                key=passer_key(visit),
                page=page,
                now=timezone.now(),
            )
        return Response(status=204)


class VisitEndView(PublicChatView):
    """A page is left."""

    authentication_classes = (VisitorAuthentication,)
    max_body = 8 * 1024

    def post(self, request: Request, key: str, visit: str) -> Response:
        """End a visit: whoever has not written is gone at once.

        With a token it is the visitor who leaves, unless another page or socket of
        theirs is heard of within seconds. Needs no body and no header, so that a
        browser can send it while it leaves.
        """
        channel = channel_with(key)
        refuse_foreign_origin(request, channel)
        take(ADDRESS_LEAVES, self.network)
        visitor = request.auth
        if isinstance(visitor, Visitor) and visitor.channel_id == channel.pk:
            note_departure(
                channel_id=channel.pk, key=visitor_key(visitor.pk), now=timezone.now()
            )
        if name := _plain(visit):
            note_end(channel_id=channel.pk, visit=name)
        return Response(status=204)


def _note_visitor(visitor: Visitor, *, page: Page, visit: str) -> None:
    take(VISIT_PAGES, str(visitor.pk))
    now = timezone.now()
    note_arrival(
        channel_id=visitor.channel_id,
        key=visitor_key(visitor.pk),
        page=page,
        now=now,
        instead_of=passer_key(visit) if visit else "",
    )
    note_page(visitor_id=visitor.pk, page=page, now=now)


def _page(request: Request, channel: Channel) -> Page | None:
    settings = chat_settings(channel.config)
    sent = request.data
    if not may_be_followed(request, settings) or not isinstance(sent, dict):
        return None
    return read_page(sent.get("title"), sent.get("url"), domains=settings.domains)


def _visit(request: Request) -> str:
    """Return what the page calls itself; anything but a plain id is nothing."""
    sent = request.data
    return _plain(sent.get("visit") if isinstance(sent, dict) else None)


def _plain(visit: object) -> str:
    is_id = isinstance(visit, str) and re.fullmatch(r"[0-9A-Za-z-]{8,64}", visit)
    return str(visit).lower() if is_id else ""
