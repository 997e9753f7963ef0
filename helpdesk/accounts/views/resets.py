"""Setting a new password after forgetting the old one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from helpdesk.accounts.actions import change_password
from helpdesk.accounts.forms import NewPasswordForm, ResetForm
from helpdesk.accounts.http import show
from helpdesk.accounts.models import User
from helpdesk.accounts.tasks import send_reset_mail
from helpdesk.core.limits import LimitReached, client_address, guard_password_reset


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def ask(request: HttpRequest) -> HttpResponseBase:
    """Ask for a link; the answer is the same whoever is named, and as fast."""
    if request.method != "POST":
        return show(request, "accounts/reset.html", {"form": ResetForm()})
    form = ResetForm(request.POST)
    if not form.is_valid():
        return show(request, "accounts/reset.html", {"form": form}, status=422)
    email = form.cleaned_data["email"].strip().lower()
    try:
        guard_password_reset(account=email, address=client_address(request))
    except LimitReached:
        return show(request, "accounts/reset_sent.html")
    # A worker looks the account up, so that the time taken tells nothing.
    send_reset_mail.delay(email=email)
    return show(request, "accounts/reset_sent.html")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def confirm(request: HttpRequest, uid: str, token: str) -> HttpResponseBase:
    """Set the password; using the link ends it, and every open session."""
    agent = _agent_of(uid)
    if agent is None or not default_token_generator.check_token(agent, token):
        raise Http404
    form = NewPasswordForm(
        request.POST if request.method == "POST" else None, agent=agent
    )
    if request.method == "POST" and form.is_valid():
        change_password(agent=agent, password=form.cleaned_data["password"])
        messages.success(request, _("Your password is changed. Sign in with it."))
        return redirect("accounts:sign-in")
    status = 422 if form.errors else 200
    return show(request, "accounts/reset_confirm.html", {"form": form}, status=status)


def _agent_of(uid: str) -> User | None:
    try:
        pk = int(force_str(urlsafe_base64_decode(uid)))
    except (ValueError, OverflowError, UnicodeDecodeError):
        return None
    return User.objects.active().filter(pk=pk).first() if 0 < pk < 2**31 else None
