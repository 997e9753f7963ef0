"""One thing done to several conversations at once."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest
from helpdesk.accounts.models import User
from inbox.actions.assignment import CannotBeAssigned, assign_conversation
from inbox.actions.conversations import (
    close_conversation,
    mark_as_spam,
    mark_unread,
    reopen_conversation,
)
from inbox.forms import BulkForm
from inbox.models import Conversation
from inbox.permissions import require
from inbox.views.asking import needs


def _assign_to_self(pk: int, agent: User) -> None:
    assign_conversation(conversation_id=pk, assignee=agent, actor=agent)


def _close(pk: int, agent: User) -> None:
    close_conversation(conversation_id=pk, actor=agent)


def _reopen(pk: int, agent: User) -> None:
    reopen_conversation(conversation_id=pk, actor=agent)


def _spam(pk: int, agent: User) -> None:
    mark_as_spam(conversation_id=pk, actor=agent)


def _unread(pk: int, agent: User) -> None:
    mark_unread(conversation_id=pk)


_DO: dict[str, tuple[str, Callable[[int, User], None]]] = {
    "assign_me": (roles.ASSIGN, _assign_to_self),
    "close": (roles.ORGANIZE, _close),
    "reopen": (roles.ORGANIZE, _reopen),
    "spam": (roles.ORGANIZE, _spam),
    "unread": (roles.ORGANIZE, _unread),
}


@require_POST
@needs(roles.ORGANIZE)
def bulk(request: AgentRequest) -> HttpResponseBase:
    """Do it to all that were chosen, or to none if one of them is out of sight."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose conversations and what to do with them."))
        return redirect(_back(request))
    capability, do = _DO[form.cleaned_data["action"]]
    require(request.user, capability)
    ids = form.cleaned_data["ids"]
    visible = Conversation.objects.visible_to(request.user).filter(pk__in=ids)
    if visible.count() != len(ids):
        raise Http404
    done = sum(_done(do, pk, agent=request.user) for pk in ids)
    words = ngettext("%(n)d conversation", "%(n)d conversations", done) % {"n": done}
    messages.success(request, _("Done: %(conversations)s") % {"conversations": words})
    return redirect(_back(request))


def _done(do: Callable[[int, User], None], pk: int, *, agent: User) -> bool:
    try:
        do(pk, agent)
    except CannotBeAssigned:
        return False
    return True


def _back(request: AgentRequest) -> str:
    """Return to the page the form was on, if it was one of ours."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came_from if is_ours else "/"
