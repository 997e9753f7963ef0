"""The desk: a list, and one conversation beside it."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, show, wants_fragment
from helpdesk.accounts.models import User
from inbox.actions.conversations import mark_read
from inbox.models import Conversation
from inbox.queries import list_page
from inbox.views.asking import (
    conversation_or_404,
    list_beside,
    list_view,
    place_in_list,
    refuses_nonsense,
)
from inbox.views.presenting.conversation import conversation_context
from inbox.views.presenting.lists import ListView, shown_page
from inbox.views.presenting.navigation import NavigationEntry, navigation


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponseBase:
    """Open the desk; before there is any agent, set it up."""
    if request.user.is_authenticated:
        return redirect("inbox:queue", "mine")
    if not User.objects.exists():
        return redirect("inbox:first-run")
    return redirect(f"{reverse('accounts:sign-in')}?next=/")


@require_safe
@refuses_nonsense
def queue(request: AgentRequest, key: str) -> HttpResponseBase:
    """One queue as a whole page, with nothing open."""
    view = list_view(request, key)
    context = {**_list(request, view), **_around(request, view)}
    return show(request, "inbox/desk.html", context)


@require_safe
@refuses_nonsense
def conversation_list(request: AgentRequest, key: str) -> HttpResponseBase:
    """A part of a queue: its first page again, or a later one."""
    view = list_view(request, key)
    context = _list(request, view)
    if not context["page"].is_first:
        return show(request, "inbox/list_page.html", context)
    context |= _around(request, view)
    return show(request, "inbox/list_refresh.html", context)


def _list(request: AgentRequest, view: ListView) -> dict[str, Any]:
    after = place_in_list(request)
    page = list_page(
        queue=view.key, narrowed=view.narrowed, agent=request.user, after=after
    )
    return {"view": view, "page": shown_page(page, view=view, is_first=after is None)}


def _around(request: AgentRequest, view: ListView) -> dict[str, Any]:
    """The navigation, and the list with the count that stands there."""
    around = navigation(agent=request.user, current=view.key, narrowed=view.narrowed)
    open_now = [it for it in around["palette_commands"] if it.is_current]
    for entry in open_now:
        count = entry.count if _is_counted(view, entry) else ""
        view = replace(view, title=entry.title, count=count)
    return {**around, "view": view}


def _is_counted(view: ListView, entry: NavigationEntry) -> bool:
    """Whether the entry counts what the list shows; the sort does not matter."""
    if entry.counted is None:
        return False
    queue, narrowed = entry.counted
    return (queue, replace(narrowed, sort=view.narrowed.sort)) == (
        view.key,
        view.narrowed,
    )


@require_safe
def queues(request: AgentRequest) -> HttpResponseBase:
    """The navigation's queues and counts."""
    current = request.GET.get("current", "")
    context = navigation(agent=request.user, current=current)
    return show(request, "inbox/_queues.html", context)


@require_safe
@refuses_nonsense
def conversation(request: AgentRequest, pk: int) -> HttpResponseBase:
    """One conversation: the pane for a page that is open, else the whole desk."""
    topic = conversation_or_404(request, pk)
    view = list_beside(request)
    _note_reading(topic, agent=request.user)
    context = conversation_context(topic, agent=request.user, view=view)
    if wants_fragment(request):
        return show(request, "inbox/conversation_detail.html", context)
    context |= _list(request, view)
    context |= _around(request, view)
    return show(request, "inbox/desk.html", context)


def _note_reading(topic: Conversation, *, agent: User) -> None:
    """Whoever may answer and opens it has read it; a colleague's stays as it is."""
    if not agent.can(roles.REPLY):
        return
    is_theirs = topic.assignee_id in (None, agent.pk)
    is_asked = agent.mentions.filter(conversation=topic, seen_at=None).exists()
    if is_asked or (is_theirs and topic.is_unread):
        mark_read(conversation_id=topic.pk, agent=agent)
        topic.is_unread = False
