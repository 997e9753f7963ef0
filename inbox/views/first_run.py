"""The page that sets up an empty desk, and is gone for ever after."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helpdesk.accounts.http import show
from helpdesk.accounts.models import User
from helpdesk.core.limits import LimitReached, client_address, guard_first_run
from inbox.actions.first_run import AlreadySetUp, set_up_desk
from inbox.first_run_form import FirstRunForm

BACKEND = "helpdesk.accounts.backends.ThrottledBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def first_run(request: HttpRequest) -> HttpResponseBase:
    """Ask for brand, admin and first mailbox; 404 once anybody works here."""
    if User.objects.exists():
        raise Http404
    if request.method != "POST":
        return _page(request, FirstRunForm())
    try:
        guard_first_run(address=client_address(request))
    except LimitReached:
        return show(request, "429.html", status=429)
    form = FirstRunForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        admin = set_up_desk(**form.facts())
    except AlreadySetUp as error:
        raise Http404 from error
    login(request, admin, backend=BACKEND)
    return redirect("inbox:queue", "all")


def _page(
    request: HttpRequest, form: FirstRunForm, *, status: int = 200
) -> HttpResponseBase:
    groups = [
        {"title": _("Your brand"), "fields": [form["brand_name"], form["address"]]},
        {
            "title": _("You"),
            "fields": [form["admin_name"], form["email"], form["password"]],
        },
    ]
    context = {"form": form, "groups": groups}
    return show(request, "accounts/first_run.html", context, status=status)
