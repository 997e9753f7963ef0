"""Pages that try a channel out, and that get permission to use its mailbox.

They stand in the admin: its site lets nobody in but admins.
"""

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import (
    sensitive_post_parameters,
    sensitive_variables,
)
from django.views.decorators.http import require_GET, require_http_methods
from kombu.exceptions import OperationalError

from channels_ingest.actions.channels import save_oauth
from channels_ingest.adapters.email.oauth_consent import (
    NO_REFRESH_TOKEN,
    ConsentFailed,
    consent_origin,
    consent_url,
    exchange_code,
)
from channels_ingest.channel_test import begin_test, find_test, look
from channels_ingest.oauth_states import StateUnknown, remember, take
from channels_ingest.tasks import run_channel_test
from inbox.models import Channel


def _page(
    request: HttpRequest, channel: Channel, template: str, **context: Any
) -> TemplateResponse:
    shared = admin.site.each_context(request)
    return TemplateResponse(
        request, template, {**shared, "channel": channel, **context}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def channel_test(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Begin a test, and show how it goes. A chat has nothing to send mail by."""
    channel = get_object_or_404(Channel, pk=pk, kind="email")
    if request.method == "POST":
        test = begin_test(channel_id=pk)
        try:
            run_channel_test.delay(key=test.key, channel_id=pk)
        except OperationalError:
            messages.error(request, _("The test cannot start: Valkey is away."))
            return redirect(request.path)
        return redirect(f"{request.path}?run={test.key}")
    found = find_test(key=request.GET.get("run", ""), channel_id=pk)
    test_now = look(found) if found else None
    title = _("Test %s") % channel.name
    return _page(
        request, channel, "admin/channel_test.html", test=test_now, title=title
    )


@require_GET
def channel_test_steps(request: HttpRequest, pk: int) -> HttpResponse:
    """Return what is known so far; asks to be asked again while there is more."""
    channel = get_object_or_404(Channel, pk=pk)
    found = find_test(key=request.GET.get("run", ""), channel_id=pk)
    test = look(found) if found else None
    context = {"channel": channel, "test": test}
    return TemplateResponse(request, "admin/_channel_test_steps.html", context)


@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
def oauth_start(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what the provider has to know, then send the admin there."""
    channel = get_object_or_404(Channel, pk=pk)
    oauth = (channel.config or {}).get("oauth") or {}
    if not oauth.get("client_id"):
        messages.error(request, _("Choose how to sign in and save, then connect."))
        return redirect("admin:inbox_channel_change", pk)
    if request.method != "POST":
        page = _page(
            request,
            channel,
            "admin/channel_connect.html",
            title=_("Connect %s") % channel.name,
            redirect_uri=redirect_uri(),
            provider=oauth.get("provider"),
        )
        # The form leads away: browsers follow its redirect only where we say so.
        allow = csp_update({"form-action": [consent_origin(oauth)]})
        return allow(lambda _request: page)(request)
    state, pending = remember(request.session, channel_id=pk, now=timezone.now())
    address = consent_url(
        oauth,
        redirect_uri=redirect_uri(),
        state=state,
        verifier=pending.verifier,
        login_hint=str((channel.config.get("incoming") or {}).get("username", "")),
    )
    return redirect(address)


@sensitive_post_parameters()
@sensitive_variables()
@require_GET
def oauth_callback(request: HttpRequest) -> HttpResponseBase:
    """Take what the provider sends back; each journey counts once."""
    state = request.GET.get("state", "")
    try:
        pending = take(request.session, state=state, now=timezone.now())
    except StateUnknown:
        messages.error(
            request, _("This took too long or was used already. Connect again.")
        )
        return redirect("admin:inbox_channel_changelist")
    back = redirect("admin:inbox_channel_connect", pending.channel_id)
    code = request.GET.get("code", "")
    if not code:
        said = request.GET.get("error_description") or request.GET.get("error") or ""
        messages.error(request, _refused(said))
        return back
    try:
        _connect(pending.channel_id, code=code, verifier=pending.verifier)
    except ConsentFailed as failure:
        messages.error(request, _refused(failure.said))
        return back
    messages.success(request, _("Connected. Test the channel to see that it works."))
    return redirect("admin:inbox_channel_test", pending.channel_id)


def _connect(channel_id: int, *, code: str, verifier: str) -> None:
    channel = get_object_or_404(Channel, pk=channel_id)
    oauth = (channel.config or {}).get("oauth") or {}
    tokens = exchange_code(
        oauth,
        code=code,
        verifier=verifier,
        redirect_uri=redirect_uri(),
        now=timezone.now(),
    )
    save_oauth(channel_id=channel_id, oauth=tokens.written_into(oauth))


def _refused(said: str) -> str:
    words = {
        "access_denied": _("Permission was not given. Nothing has changed."),
        "invalid_client": _("The provider does not know this client id and secret."),
        "redirect_uri_mismatch": _(
            "The provider knows another redirect address. Copy ours into its settings."
        ),
        NO_REFRESH_TOKEN: _(
            "The provider gave permission for an hour only. Remove this app from the "
            "account's permissions there, then connect again."
        ),
    }
    known = words.get(said)
    return known or _("The provider did not give permission: %s") % said[:300]


def redirect_uri() -> str:
    """Return the address that providers send admins back to."""
    return f"{settings.PUBLIC_URL}{reverse('admin:inbox_channel_connected')}"


def webhook_url(*, channel_id: int, direction: str) -> str:
    """Return the address that a provider posts to."""
    path = reverse(f"hooks:{direction}", args=[channel_id])
    return f"{settings.PUBLIC_URL}{path}"
