"""The tray of what could not be read: look, try again, discard."""

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from channels_ingest.actions.tray import NotInTray, discard_event, replay_event
from channels_ingest.queries import COUNT_CAP, TrayEntry, tray_page, unreadable_for
from channels_ingest.queries import unreadable_count as count_for
from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, needs, private, show, wants_fragment


@require_safe
@needs(roles.HANDLE_UNREADABLE)
def tray(request: AgentRequest) -> HttpResponseBase:
    """Everything that waits for a person, newest first."""
    before = request.GET.get("before", "")
    entries, next_key = tray_page(
        request.user, before=int(before) if before.isdecimal() else None
    )
    context = {
        "events": [_shown(entry) for entry in entries],
        "count": _count_words(request),
        "next_url": f"?before={next_key}" if next_key else "",
        **_for_admins(request),
    }
    return show(request, "inbox/unreadable.html", context)


def _for_admins(request: AgentRequest) -> dict[str, Any]:
    """The ways to the books and the mail lab, and whether the books add up."""
    if not request.user.can(roles.CONFIGURE):
        return {}
    return {
        "links": [
            {"title": _("Books"), "url": reverse("channels:books")},
            {"title": _("Mail lab"), "url": reverse("channels:mail-lab")},
        ],
        "books_url": reverse("channels:books-banner"),
    }


def _shown(entry: TrayEntry) -> dict[str, Any]:
    return {
        **asdict(entry),
        "replay_url": reverse("channels:replay", args=[entry.pk]),
        "discard_url": reverse("channels:discard", args=[entry.pk]),
        "source_url": reverse("channels:event-source", args=[entry.pk]),
    }


def _count_words(request: AgentRequest) -> str:
    count = count_for(request.user)
    if count > COUNT_CAP:
        return f"{COUNT_CAP}+"
    return str(count) if count else ""


@require_safe
@needs(roles.HANDLE_UNREADABLE)
def tray_count(request: AgentRequest) -> HttpResponseBase:
    """The number beside the tray's name in the navigation; empty for none."""
    return private(HttpResponse(_count_words(request), content_type="text/html"))


@require_POST
@needs(roles.HANDLE_UNREADABLE)
def replay(request: AgentRequest, pk: int) -> HttpResponseBase:
    _require_visible(request, pk)
    try:
        replay_event(event_id=pk, actor=request.user)
    except NotInTray as error:
        raise Http404 from error
    return _done(request)


@require_POST
@needs(roles.HANDLE_UNREADABLE)
def discard(request: AgentRequest, pk: int) -> HttpResponseBase:
    _require_visible(request, pk)
    try:
        discard_event(event_id=pk, actor=request.user)
    except NotInTray as error:
        raise Http404 from error
    return _done(request)


def _require_visible(request: AgentRequest, pk: int) -> None:
    if not unreadable_for(request.user).filter(pk=pk).exists():
        raise Http404


def _done(request: AgentRequest) -> HttpResponseBase:
    if wants_fragment(request):
        return private(HttpResponse(""))
    return redirect("channels:tray")
