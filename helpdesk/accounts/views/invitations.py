"""Inviting somebody, and coming in by an invitation."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from helpdesk.accounts import roles
from helpdesk.accounts.actions import (
    AlreadyWorksHere,
    InvitationInvalid,
    accept_invitation,
    invite_agent,
    open_invitation,
)
from helpdesk.accounts.forms import AcceptForm, InviteForm
from helpdesk.accounts.http import AgentRequest, needs, show
from helpdesk.accounts.mails import invitation_link, send_invitation
from helpdesk.accounts.models import Invitation, User

BACKEND = "helpdesk.accounts.backends.ThrottledBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(roles.CONFIGURE)
def invite(request: AgentRequest) -> HttpResponseBase:
    """Send somebody a link by which they become an agent, and show it."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            invited = invite_agent(actor=request.user, **form.cleaned_data)
        except AlreadyWorksHere:
            form.add_error("email", _("They work here already."))
        else:
            context = {
                "form": InviteForm(),
                "email": invited.invitation.email,
                "link": invitation_link(invited),
                "is_mailed": send_invitation(invited, inviter=request.user),
            }
            return show(request, "accounts/invite.html", context)
    status = 422 if form.errors else 200
    return show(request, "accounts/invite.html", {"form": form}, status=status)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def accept(request: HttpRequest, token: str) -> HttpResponseBase:
    """Choose a name and a password, once."""
    invitation = _open_or_404(token)
    person = User(email=invitation.email, name=invitation.name)
    form = AcceptForm(
        request.POST if request.method == "POST" else None,
        agent=person,
        initial={"name": invitation.name},
    )
    if request.method == "POST" and form.is_valid():
        agent = _accepted(token, form)
        login(request, agent, backend=BACKEND)
        return redirect("/")
    context = {"form": form, "email": invitation.email}
    status = 422 if form.errors else 200
    return show(request, "accounts/accept.html", context, status=status)


def _open_or_404(token: str) -> Invitation:
    try:
        return open_invitation(token=token)
    except InvitationInvalid as error:
        raise Http404 from error


def _accepted(token: str, form: AcceptForm) -> User:
    data = form.cleaned_data
    try:
        return accept_invitation(
            token=token, name=data["name"], password=data["password"]
        )
    except InvitationInvalid as error:
        raise Http404 from error
