"""What stands on a company's own site for a chat: its script, its secrets, a trial.

They stand in the admin: its site lets nobody in but admins.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from channels_ingest.actions.channels import (
    LastSecret,
    add_identity_secret,
    remove_identity_secret,
)
from channels_ingest.providers.chat.config import secret_fingerprint
from channels_ingest.providers.chat.settings import chat_settings, identity_secrets
from inbox.models import Channel

CHAT_KINDS = ("webchat", "api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that a chat needs, and whether it is there."""

    title: str
    is_ok: bool
    words: str = ""


@sensitive_variables()
@never_cache
@require_safe
def channel_site(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what to copy: the script or the addresses, the policy, the secrets."""
    channel = _chat_or_404(pk)
    secrets = identity_secrets(channel.config)
    context = {
        "title": _("Put it on your site")
        if channel.kind == "webchat"
        else _("Connect your app"),
        "script": script_tag(channel),
        "policy": policy_lines(),
        "api_url": f"{settings.PUBLIC_URL}/api/v1/chat/",
        "checks": checks_of(channel),
        "secrets": [(secret, secret_fingerprint(secret)) for secret in secrets],
    }
    return _page(request, channel, "admin/channel_site.html", **context)


@never_cache
@require_safe
def channel_try(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a page of ours with the widget on it."""
    channel = _chat_or_404(pk)
    if channel.kind != "webchat":
        raise Http404
    source = f"/chat/{channel.address}/widget.js"
    title = _("Try %s") % channel.name
    return _page(request, channel, "admin/channel_try.html", source=source, title=title)


@sensitive_variables()
@require_POST
def channel_secrets(request: HttpRequest, pk: int) -> HttpResponse:
    """Make another secret, or remove one."""
    channel = _chat_or_404(pk)
    fingerprint = str(request.POST.get("remove", ""))
    if not fingerprint:
        add_identity_secret(channel_id=channel.pk)
        messages.success(request, _("Made. Earlier ones hold until you remove them."))
        return redirect("admin:inbox_channel_site", pk)
    try:
        remove_identity_secret(channel_id=channel.pk, fingerprint=fingerprint)
        messages.success(request, _("Removed. What it signed proves nothing now."))
    except LastSecret:
        messages.error(request, _("Make a new secret before you remove the last one."))
    return redirect("admin:inbox_channel_site", pk)


def script_tag(channel: Channel) -> str:
    """Return the one line that a site needs."""
    source = f"{settings.PUBLIC_URL}/chat/{channel.address}/widget.js"
    return f'<script async src="{source}"></script>'


def policy_lines() -> list[str]:
    """Return what a site with a Content-Security-Policy has to allow."""
    parts = urlsplit(settings.PUBLIC_URL)
    origin = f"{parts.scheme}://{parts.netloc}"
    return [f"{name} {origin}" for name in ("script-src", "frame-src", "connect-src")]


def checks_of(channel: Channel) -> list[Check]:
    """Return what a chat needs to work, in the order in which it is mended."""
    chat = chat_settings(channel.config)
    checks = [
        Check(
            title=_("In use"),
            is_ok=channel.is_active,
            words=_("Nobody can write here. Turn on “in use” in its settings."),
        ),
        Check(
            title=_("Signed identities"),
            is_ok=bool(identity_secrets(channel.config)),
            words=_("There is no secret yet. Make one below."),
        ),
    ]
    if channel.kind == "webchat":
        checks.insert(
            1,
            Check(
                title=_("Sites it may stand on"),
                is_ok=bool(chat.domains),
                words=_("There is none, so it opens nowhere. Add your site's domain."),
            ),
        )
    if chat.by_mail.is_on:
        words = _("Answers cannot go on by mail: the brand has no mailbox in use.")
        has_mailbox = _has_mailbox(channel, chat.by_mail.channel_id)
        checks.append(Check(title=_("On by mail"), is_ok=has_mailbox, words=words))
    return checks


def _has_mailbox(channel: Channel, chosen: int | None) -> bool:
    mailboxes = Channel.objects.active().filter(kind="email")
    if chosen is not None:
        return mailboxes.filter(pk=chosen).exists()
    return mailboxes.filter(brand_id=channel.brand_id).exists()


def _chat_or_404(pk: int) -> Channel:
    return get_object_or_404(Channel, pk=pk, kind__in=CHAT_KINDS)


def _page(
    request: HttpRequest, channel: Channel, template: str, **context: Any
) -> TemplateResponse:
    shared = {
        **admin.site.each_context(request),
        "channel": channel,
        "settings_url": reverse("admin:inbox_channel_change", args=[channel.pk]),
    }
    return TemplateResponse(request, template, {**shared, **context})
