"""What agents change about themselves."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.accounts.actions import (
    change_password,
    set_availability,
    update_profile,
)
from helpdesk.accounts.forms import PasswordForm, ProfileForm
from helpdesk.accounts.http import AgentRequest, show
from helpdesk.accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: AgentRequest) -> HttpResponseBase:
    """Name, signature, language, clock and colors."""
    is_post = request.method == "POST"
    form = ProfileForm(
        request.POST if is_post else None, initial=_as_it_is(request.user)
    )
    if is_post and form.is_valid():
        agent = update_profile(agent=request.user, profile=form.profile())
        with translation.override(agent.locale or translation.get_language()):
            messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    context = {"form": form, "password_form": PasswordForm(agent=request.user)}
    status = 422 if form.errors else 200
    return show(request, "accounts/profile.html", context, status=status)


def _as_it_is(agent: User) -> dict[str, str]:
    return {
        "name": agent.name,
        "signature": agent.signature,
        "locale": agent.locale,
        "time_zone": agent.time_zone,
        "theme": agent.theme,
    }


@sensitive_post_parameters()
@require_POST
def password(request: AgentRequest) -> HttpResponseBase:
    """Change the password; every other session ends, this one goes on."""
    form = PasswordForm(request.POST, agent=request.user)
    if not form.is_valid():
        context = {
            "form": ProfileForm(initial=_as_it_is(request.user)),
            "password_form": form,
        }
        return show(request, "accounts/profile.html", context, status=422)
    agent = change_password(agent=request.user, password=form.cleaned_data["password"])
    update_session_auth_hash(request, agent)
    messages.success(request, _("Your password is changed. Other sessions have ended."))
    return redirect("accounts:profile")


@require_POST
def availability(request: AgentRequest) -> HttpResponseBase:
    """Say whether new conversations may come."""
    is_available = request.POST.get("is_available") == "1"
    set_availability(agent=request.user, is_available=is_available)
    return redirect("/")
