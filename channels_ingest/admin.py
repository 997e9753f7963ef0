"""Django admin for channels: what is set up, one form for each kind."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import (
    sensitive_post_parameters,
    sensitive_variables,
)

from channels_ingest import admin_traffic
from channels_ingest.actions.channels import save_channel
from channels_ingest.admin_fieldsets import FIELDSETS
from channels_ingest.forms import FORMS
from channels_ingest.registry import adapter_class
from channels_ingest.views import chat_site, connect
from inbox.models import Channel

__all__ = ["ChannelAdmin", "admin_traffic"]
View = Callable[..., HttpResponseBase]
KINDS = [
    ("email", _("Mailbox"), _("Mail comes in and answers go out.")),
    ("webchat", _("Web chat"), _("A button on your site that opens a conversation.")),
    ("api", _("API"), _("Your own app or system speaks to us.")),
]
KIND_LABELS = {kind: label for kind, label, _words in KINDS}


def _kind_of(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in FORMS else "email"


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(KIND_LABELS.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Channel]
    ) -> QuerySet[Channel]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    section, place = "channels", 1
    list_display = (
        *("name", "what_it_is", "address", "brand", "team", "is_active"),
        "how_it_does",
    )
    list_filter = ("is_active", KindFilter, "brand", "team")
    list_select_related = ("brand", "team", "health")
    search_fields = ("name", "address")
    ordering = ("name", "id")
    readonly_fields = ("incoming_address", "tracking_address", "channel_key")
    change_form_template = "admin/channel_form.html"

    class Media:
        js = ("js/admin_channel.js", "js/admin_rows.js")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        pages: list[tuple[str, View, str]] = [
            ("<int:pk>/test/", connect.channel_test, "test"),
            ("<int:pk>/site/", chat_site.channel_site, "site"),
            ("<int:pk>/try/", chat_site.channel_try, "try"),
            ("<int:pk>/secrets/", chat_site.channel_secrets, "secrets"),
            ("<int:pk>/test/steps/", connect.channel_test_steps, "test_steps"),
            ("<int:pk>/connect/", connect.oauth_start, "connect"),
            ("connected/", connect.oauth_callback, "connected"),
        ]
        own = [
            path(at, guard(view), name=f"inbox_channel_{name}")
            for at, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def get_form(
        self, request: HttpRequest, obj: Any = None, *_args: Any, **_kwargs: Any
    ) -> Any:
        return FORMS[obj.kind if obj else _kind_of(request)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return FIELDSETS[obj.kind if obj else _kind_of(request)]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "POST" and request.GET.get("kind") not in FORMS:
            return self._choose_kind(request)
        return super().add_view(request, form_url, extra_context)

    def _choose_kind(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add a channel"),
            "kinds": KINDS,
        }
        return TemplateResponse(request, "admin/channel_kinds.html", context)

    def response_add(
        self, request: HttpRequest, obj: Channel, post_url_continue: Any = None
    ) -> HttpResponse:
        """A new chat goes on with what has to be done on the site."""
        answer = super().response_add(request, obj, post_url_continue)
        if obj.kind == "email" or {"_addanother", "_popup"} & request.POST.keys():
            return answer
        return redirect("admin:inbox_channel_site", obj.pk)

    @method_decorator(sensitive_post_parameters())
    @method_decorator(sensitive_variables())
    def changeform_view(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Channel, form: Any, change: Any
    ) -> None:
        capabilities = adapter_class(obj.kind).capabilities
        save_channel(
            channel=obj,
            capabilities=capabilities,
            configure=form.configure,
            undo_seconds=form.cleaned_data.get("undo_seconds"),
            logo=form.new_logo(),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Where mail once came in, its history hangs on the channel."""
        return (
            obj is not None
            and not obj.inbound_events.exists()
            and not obj.conversations.exists()
        )

    @admin.display(description=_("state"))
    def how_it_does(self, channel: Channel) -> Any:
        health = getattr(channel, "health", None)
        if health is not None and health.error:
            return health.error[:120]
        return _("Works") if health is not None else _("Not used yet")

    @admin.display(description=_("kind"), ordering="kind")
    def what_it_is(self, channel: Channel) -> Any:
        return render_to_string(
            "admin/_channel_kind.html",
            {"kind": channel.kind, "label": KIND_LABELS.get(channel.kind, "")},
        )

    @admin.display(description=_("Channel key"))
    def channel_key(self, channel: Channel) -> Any:
        if not channel.pk:
            return _("Made when the channel is saved.")
        return format_html('<code class="copyable">{}</code>', channel.address)

    @admin.display(description=_("Address for incoming mail"))
    def incoming_address(self, channel: Channel) -> Any:
        return webhook_address(channel, direction="inbound")

    @admin.display(description=_("Address for reports"))
    def tracking_address(self, channel: Channel) -> Any:
        return webhook_address(channel, direction="tracking")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        context["is_chat"] = form.kind != "email"
        context["is_oauth"] = bool(
            form.instance.pk and (form.instance.config or {}).get("oauth")
        )
        return super().render_change_form(request, context, *args, **kwargs)


def webhook_address(channel: Channel, *, direction: str) -> Any:
    """Return the address that the provider is given, once the channel has a number."""
    if not channel.pk:
        return _("Shown once the channel is saved.")
    return format_html(
        '<code class="copyable">{}</code>',
        connect.webhook_url(channel_id=channel.pk, direction=direction),
    )
