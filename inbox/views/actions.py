"""What agents do with a whole conversation."""

import contextlib

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.actions import allow_remote_images
from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, private, wants_fragment
from inbox.actions.assignment import (
    CannotBeAssigned,
    assign_conversation,
    assign_team,
)
from inbox.actions.conversations import (
    SnoozeInThePast,
    close_conversation,
    mark_as_spam,
    mark_unread,
    rename_conversation,
    reopen_conversation,
    set_priority,
    snooze_conversation,
)
from inbox.actions.labels import TagNameEmpty, change_tags, get_or_create_tag
from inbox.forms import (
    AssignForm,
    PriorityForm,
    RenameForm,
    SnoozeForm,
    TagsForm,
)
from inbox.models import Conversation, Priority
from inbox.permissions import may_see
from inbox.views.answers import changed, header_again
from inbox.views.asking import conversation_or_404, item_or_404, needs
from inbox.views.timeline import one_item


@require_POST
@needs(roles.ASSIGN)
def assign(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Hand the conversation to a person, a team, or nobody."""
    topic = conversation_or_404(request, pk)
    form = AssignForm(request.POST, conversation=topic)
    if not form.is_valid():
        return header_again(request, pk, refusal=_first_error(form))
    try:
        _hand_over(request, topic, form)
    except CannotBeAssigned:
        words = _("They could not see this conversation.")
        return header_again(request, pk, refusal=words)
    if not may_see(request.user, topic):
        return _out_of_sight(request)
    return header_again(request, pk)


def _hand_over(request: AgentRequest, topic: Conversation, form: AssignForm) -> None:
    if form.is_for_team:
        team = form.cleaned_data["team"]
        assign_team(conversation_id=topic.pk, team=team, actor=request.user)
    else:
        assignee = form.cleaned_data["assignee"]
        assign_conversation(
            conversation_id=topic.pk, assignee=assignee, actor=request.user
        )


def _out_of_sight(request: AgentRequest) -> HttpResponse:
    """It went where this agent may not look: back to the list."""
    if not wants_fragment(request):
        return redirect("inbox:queue", "mine")
    return private(HttpResponse(headers={"HX-Redirect": "/"}))


def _first_error(form: AssignForm | SnoozeForm | RenameForm) -> str:
    return str(next(iter(form.errors.values()))[0])


@require_POST
@needs(roles.ORGANIZE)
def snooze(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Put the conversation aside until a moment, or until the customer writes."""
    conversation_or_404(request, pk)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return header_again(request, pk, refusal=_first_error(form))
    try:
        snooze_conversation(
            conversation_id=pk, until=form.cleaned_data["until"], actor=request.user
        )
    except SnoozeInThePast:
        return header_again(request, pk, refusal=_("Choose a time in the future."))
    return header_again(request, pk)


@require_POST
@needs(roles.ORGANIZE)
def close(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Say that nothing is left to do."""
    conversation_or_404(request, pk)
    close_conversation(conversation_id=pk, actor=request.user)
    return header_again(request, pk)


@require_POST
@needs(roles.ORGANIZE)
def reopen(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Bring the conversation back to the open ones."""
    conversation_or_404(request, pk)
    reopen_conversation(conversation_id=pk, actor=request.user)
    return header_again(request, pk)


@require_POST
@needs(roles.ORGANIZE)
def spam(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Move it into spam, or out of it."""
    conversation_or_404(request, pk)
    if request.POST.get("spam") == "0":
        reopen_conversation(conversation_id=pk, actor=request.user)
    else:
        mark_as_spam(conversation_id=pk, actor=request.user)
    return header_again(request, pk)


@require_POST
@needs(roles.ORGANIZE)
def priority(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Say how urgent it is."""
    conversation_or_404(request, pk)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        return header_again(request, pk, refusal=_("This is not a priority."))
    chosen = Priority(form.cleaned_data["priority"])
    set_priority(conversation_id=pk, priority=chosen, actor=request.user)
    return header_again(request, pk)


@require_POST
@needs(roles.ORGANIZE)
def tags(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Change the tags that were ticked or unticked, and add one by its name."""
    conversation_or_404(request, pk)
    form = TagsForm(request.POST)
    if not form.is_valid():
        return header_again(request, pk, refusal=_("These are not tags."))
    added = form.added
    with contextlib.suppress(TagNameEmpty):
        added.append(get_or_create_tag(name=form.cleaned_data["new"]))
    change_tags(
        conversation_id=pk, added=added, removed=form.removed, actor=request.user
    )
    return header_again(request, pk)


@require_POST
@needs(roles.ORGANIZE)
def rename(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Give the topic another subject."""
    conversation_or_404(request, pk)
    form = RenameForm(request.POST)
    if not form.is_valid():
        return header_again(request, pk, refusal=_first_error(form))
    rename_conversation(
        conversation_id=pk, subject=form.cleaned_data["subject"], actor=request.user
    )
    return header_again(request, pk)


@require_POST
@needs(roles.ORGANIZE)
def unread(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Make it stand out in the list again."""
    conversation_or_404(request, pk)
    mark_unread(conversation_id=pk)
    if not wants_fragment(request):
        return redirect("inbox:queue", "mine")
    return changed(private(HttpResponse(status=204)), pk)


@require_POST
@needs(roles.ORGANIZE)
def show_images(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Load pictures from the web in mail of this sender from now on."""
    item = item_or_404(request, pk)
    if item.identity_id is not None:
        allow_remote_images(identity_id=item.identity_id)
    return one_item(request, item)
