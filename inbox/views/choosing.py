"""The choices in the menus of a conversation, fetched when a menu opens."""

from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, needs, show, wants_fragment
from inbox.views.asking import conversation_or_404
from inbox.views.presenting.choosing import assign_choices, tag_choices


@require_safe
@needs(roles.ASSIGN)
def assignees(request: AgentRequest, pk: int) -> HttpResponseBase:
    """People and teams, with how much each person has open."""
    topic = conversation_or_404(request, pk)
    if not wants_fragment(request):
        return redirect("inbox:conversation", pk)
    return show(request, "inbox/_assign_choices.html", assign_choices(topic))


@require_safe
@needs(roles.ORGANIZE)
def tags(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Every tag there is, those of the conversation ticked."""
    topic = conversation_or_404(request, pk)
    if not wants_fragment(request):
        return redirect("inbox:conversation", pk)
    return show(request, "inbox/_tag_choices.html", tag_choices(topic))
