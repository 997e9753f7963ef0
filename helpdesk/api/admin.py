"""Django admin for webhooks, and a look at what they told."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from helpdesk.api.actions.deliveries import replay_since, send_again
from helpdesk.api.actions.endpoints import renew_secret, save_endpoint
from helpdesk.api.forms import EndpointForm, ReplayForm
from helpdesk.api.models import WebhookDelivery, WebhookEndpoint
from helpdesk.core.admin_tables import ReadOnlyAdmin


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    section, place = "channels", 4
    form = EndpointForm
    action_form = ReplayForm
    list_display = ("url", "channel", "is_active", "failing_since")
    list_filter = ("is_active", "channel")
    list_select_related = ("channel",)
    ordering = ("url", "id")
    fields = ("url", "channel", "events", "is_active", "secret", "failing_since")
    readonly_fields = ("secret", "failing_since")
    actions = ("tell_anew", "renew_secrets")

    class Media:
        js = ("js/admin_rows.js",)

    def save_model(
        self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: Any
    ) -> None:
        save_endpoint(endpoint=obj)

    @admin.display(description=_("secret"))
    def secret(self, endpoint: WebhookEndpoint) -> Any:
        """The current one first; one before it signs too until it is dropped."""
        keys = endpoint.secrets.get("secrets", ()) if endpoint.pk else ()
        if not keys:
            return _("Shown once the webhook is saved.")
        return format_html_join(
            "",
            "{}",
            ((_copyable(key, number=number),) for number, key in enumerate(keys)),
        )

    @admin.action(description=_("Tell anew what happened since"))
    def tell_anew(
        self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]
    ) -> None:
        form = ReplayForm(request.POST)
        form.fields["action"].choices = [("tell_anew", "")]  # type: ignore[attr-defined]
        since = form.cleaned_data.get("since") if form.is_valid() else None
        if since is None:
            words = _("Choose since when, beside the action.")
            self.message_user(request, words, messages.WARNING)
            return
        ids = list(queryset.values_list("pk", flat=True))
        count = replay_since(endpoint_ids=ids, since=since)
        self.message_user(request, _are_sent(count), messages.SUCCESS)

    @admin.action(description=_("Make a new secret"))
    def renew_secrets(
        self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]
    ) -> None:
        for endpoint in queryset:
            renew_secret(endpoint_id=endpoint.pk)
        words = _(
            "There is a new secret. The one before it signs as well, so that nothing "
            "is missed until your servers know the new one."
        )
        self.message_user(request, words, messages.SUCCESS)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    section, place = "traffic", 6
    list_display = (
        *("created_at", "type", "endpoint", "state", "attempts", "last_status"),
        "error_line",
    )
    list_filter = ("state", "type", "endpoint")
    list_select_related = ("endpoint",)
    ordering = ("-id",)
    actions = ("send_selected_again",)
    fields = (
        *("endpoint", "event_id", "type", "created_at", "state", "attempts", "run_at"),
        *("give_up_at", "last_status", "last_error", "delivered_at", "content"),
    )
    readonly_fields = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """Contents are not read for a list."""
        rows = WebhookDelivery.objects.all()
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        return rows.defer("payload") if is_list else rows

    @admin.display(description=_("what went wrong"))
    def error_line(self, delivery: WebhookDelivery) -> str:
        return delivery.last_error[:120]

    @admin.display(description=_("content"))
    def content(self, delivery: WebhookDelivery) -> str:
        words = json.dumps(delivery.payload, ensure_ascii=False, indent=2)
        return format_html("<pre>{}</pre>", words)

    @admin.action(description=_("Send again"))
    def send_selected_again(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> None:
        count = send_again(delivery_ids=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, _are_sent(count), messages.SUCCESS)


def _copyable(key: str, *, number: int) -> str:
    context = {"id": f"secret-{number}", "text": key}
    return render_to_string("admin/_copy.html", context)


def _are_sent(count: int) -> str:
    return ngettext("%d is sent again.", "%d are sent again.", count) % count
