"""Parts of the timeline: what is new, what came before, older topics, one message."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from helpdesk.accounts.http import AgentRequest, show, wants_fragment
from helpdesk.core.html import allow_remote_images, place_inline_images, plain_text_of
from inbox.models import Conversation, TimelineItem
from inbox.queries import BadCursor, cursor_from
from inbox.queries.timeline import (
    TimelinePage,
    shown_item,
    timeline_page,
    timeline_since,
)
from inbox.views.asking import (
    conversation_or_404,
    item_or_404,
    refuses_nonsense,
    usual_list,
)
from inbox.views.presenting.conversation import (
    earlier_url_of,
    header_context,
    shown_topics,
    timeline_context,
    topics_context,
)
from inbox.views.presenting.items import inline_image_urls, may_load_images


@require_safe
@refuses_nonsense
def timeline(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The items an open timeline shows, and the bar above it."""
    topic = conversation_or_404(request, pk)
    first = _number(request.GET.get("from", ""))
    page = (
        timeline_since(conversation=topic, first=first)
        if first
        else timeline_page(conversation=topic)
    )
    context = {
        **timeline_context(topic, page=page, agent=request.user),
        **header_context(topic, agent=request.user, view=usual_list(request)),
    }
    return show(request, "inbox/timeline_refresh.html", context)


@require_safe
@refuses_nonsense
def earlier_items(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The items before a number, and the way to those before them."""
    topic = conversation_or_404(request, pk)
    before = _number(request.GET.get("before", ""))
    page = timeline_page(conversation=topic, before=before or None)
    if not wants_fragment(request):
        return redirect("inbox:conversation", pk)
    return show(request, "inbox/timeline.html", _with_earlier(request, topic, page))


def _with_earlier(
    request: AgentRequest, topic: Conversation, page: TimelinePage
) -> dict[str, Any]:
    return {
        **timeline_context(topic, page=page, agent=request.user),
        "earlier_page_url": earlier_url_of(topic, page),
        "conversation": topic,
    }


@require_safe
@refuses_nonsense
def topics(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The customer's topics before a place, one line each."""
    topic = conversation_or_404(request, pk)
    before = cursor_from(request.GET.get("before", ""))
    context = topics_context(topic, agent=request.user, before=before)
    return show(request, "inbox/_topics.html", context)


@require_safe
def topic(request: AgentRequest, pk: int) -> HttpResponseBase:
    """An older topic unfolded in place, or folded again."""
    found = conversation_or_404(request, pk)
    if not wants_fragment(request):
        return redirect("inbox:conversation", pk)
    shown = shown_topics([found])[0]
    if request.GET.get("folded") == "1":
        return show(request, "inbox/items/topic_folded.html", {"topic": shown})
    page = timeline_page(conversation=found)
    context = {**_with_earlier(request, found, page), "topic": shown}
    return show(request, "inbox/items/topic_unfolded.html", context)


def _number(text: str) -> int:
    """:raises BadCursor: for anything that is no number of an item"""
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise BadCursor(text)
    return int(text)


def one_item(request: AgentRequest, item: TimelineItem) -> HttpResponse:
    """Answer with one item, drawn again."""
    if not wants_fragment(request):
        return redirect("inbox:conversation", item.conversation_id)
    topic = item.conversation
    context = timeline_context(topic, page=shown_item(item), agent=request.user)
    context["item"] = context["items"][0]
    return show(request, "inbox/items/message.html", context)


@require_safe
@xframe_options_sameorigin
def item_html(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The document inside the frame of one mail: nothing in it runs or calls out."""
    item = item_or_404(request, pk)
    html = place_inline_images(
        item.html, inline_image_urls(list(item.attachments.all()))
    )
    loads_images = may_load_images(item)
    if loads_images:
        html = allow_remote_images(html)
    context = {"html": mark_safe(html), "title": item.subject}  # noqa: S308 - sanitised
    response = show(request, "inbox/item_html.html", context)
    return _framed(response, loads_images=loads_images)


def _framed(response: HttpResponse, *, loads_images: bool) -> HttpResponse:
    pictures = "'self' data: https: http:" if loads_images else "'self' data:"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src {pictures}; "
        "font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def item_quoted(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The history that a mail quotes, as text."""
    detail = getattr(item_or_404(request, pk), "detail", None)
    text = ""
    if detail is not None:
        text = detail.quoted_text or plain_text_of(detail.quoted_html)
    return show(request, "inbox/items/_folded_text.html", {"text": text})


@require_safe
def item_signature(request: AgentRequest, pk: int) -> HttpResponseBase:
    """What stands below a mail."""
    detail = getattr(item_or_404(request, pk), "detail", None)
    text = detail.signature if detail else ""
    return show(request, "inbox/items/_folded_text.html", {"text": text})
