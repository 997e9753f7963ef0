"""The source and the headers of a message, as they came."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from channels_ingest.glimpse import raw_headers, source_text
from channels_ingest.models import InboundEvent
from channels_ingest.queries import source_in_tray, source_of_item
from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, needs, private, show

SHOWN_BYTES = 500_000
"""More of a source than this is a matter of downloading it."""
_TEMPLATE = "inbox/item_source.html"


@require_safe
@needs(roles.SEE_SOURCE)
def item_source(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The source of a message of a conversation that the agent sees."""
    raw = _source_of_item(request, pk)
    if "raw" in request.GET:
        return _download(raw, name=f"message-{pk}.eml")
    context = {
        "title": _("Source"),
        "source": source_text(raw, limit=SHOWN_BYTES),
        "download_url": f"{reverse('channels:item-source', args=[pk])}?raw",
    }
    return show(request, _TEMPLATE, context)


@require_safe
@needs(roles.SEE_SOURCE)
def item_headers(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The headers of a message of a conversation that the agent sees."""
    raw = _source_of_item(request, pk)
    return show(
        request, _TEMPLATE, {"title": _("Headers"), "headers": raw_headers(raw)}
    )


@require_safe
@needs(roles.HANDLE_UNREADABLE)
def event_source(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The source of something that could not be read."""
    try:
        raw = source_in_tray(request.user, event_id=pk)
    except InboundEvent.DoesNotExist as error:
        raise Http404 from error
    if "raw" in request.GET:
        return _download(raw, name=f"unread-{pk}.eml")
    context = {
        "title": _("Source"),
        "headers": raw_headers(raw),
        "source": source_text(raw, limit=SHOWN_BYTES),
        "download_url": f"{reverse('channels:event-source', args=[pk])}?raw",
    }
    return show(request, _TEMPLATE, context)


def _source_of_item(request: AgentRequest, pk: int) -> bytes:
    try:
        return source_of_item(request.user, item_id=pk)
    except InboundEvent.DoesNotExist as error:
        raise Http404 from error


def _download(raw: bytes, *, name: str) -> HttpResponse:
    """Answer with the exact bytes, in a way that no browser makes a page of."""
    response = HttpResponse(raw, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return private(response)
