"""The filter of a list, and the views that agents keep of it."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helpdesk.accounts import roles
from helpdesk.accounts.http import AgentRequest, show, wants_fragment
from inbox.actions.saved_views import TooManyViews, remove_view, save_view
from inbox.forms import SavedViewForm
from inbox.views.asking import list_view, refuses_nonsense
from inbox.views.presenting.filtering import filter_menu_context


@require_safe
@refuses_nonsense
def filter_menu(request: AgentRequest, key: str) -> HttpResponseBase:
    """By what a list can be narrowed, and what is kept of it."""
    view = list_view(request, key)
    if not wants_fragment(request):
        return redirect(view.url)
    context = filter_menu_context(view, agent=request.user)
    return show(request, "inbox/_filter_menu.html", context)


@require_POST
@refuses_nonsense
def save(request: AgentRequest, key: str) -> HttpResponseBase:
    """Keep the list as it is under a name."""
    view = list_view(request, key)
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Give the view a name of at most 80 characters."))
        return redirect(view.url)
    try:
        save_view(
            owner=request.user,
            name=form.cleaned_data["name"],
            queue=view.key,
            narrowed=view.narrowed,
            is_shared=form.cleaned_data["is_shared"]
            and request.user.can(roles.SHARE_VIEWS),
        )
    except TooManyViews:
        messages.warning(request, _("You have 20 views. Remove one to keep this one."))
    return redirect(view.url)


@require_POST
def remove(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Forget a view; what it showed stays where it is."""
    remove_view(view_id=pk, owner=request.user)
    return redirect("inbox:queue", "mine")
