"""Signing in and out."""

from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.accounts.demo import demo_accounts
from helpdesk.accounts.forms import SignInForm
from helpdesk.accounts.http import show


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Let somebody in, back to where they wanted to go."""
    wanted = _local(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(wanted or "/")
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.agent is not None:
        login(request, form.agent)
        return redirect(wanted or "/")
    context: dict[str, Any] = {"form": form, "next": wanted}
    context["demo_accounts"] = demo_accounts()
    return show(request, "accounts/sign_in.html", context, status=_status(form))


def _status(form: SignInForm) -> int:
    if form.wait:
        return 429
    return 422 if form.errors else 200


def _local(request: HttpRequest, wanted: str) -> str:
    """Only pages of this desk are worth going back to."""
    is_local = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if is_local else ""


@require_POST
@login_not_required
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End this session."""
    logout(request)
    return redirect("accounts:sign-in")
