"""Django admin for channels, and a look at what came in and went out."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import (
    sensitive_post_parameters,
    sensitive_variables,
)

from channels_ingest.actions.channels import save_channel
from channels_ingest.adapters.email.forms import PROVIDER_FIELDS
from channels_ingest.forms import FORMS
from channels_ingest.models import (
    ChannelHealth,
    DeliveryAttempt,
    InboundEvent,
    LedgerDay,
)
from channels_ingest.registry import adapter_class
from channels_ingest.views import connect
from helpdesk.core.admin_tables import ReadOnlyAdmin
from inbox.models import Channel

View = Callable[..., HttpResponseBase]
ENVELOPE = ("mail_from", "rcpt_to", "peer", "helo", "is_encrypted", "folder", "uid")
"""What may be shown of how something came: headers of requests hold secrets."""


def _when(**wanted: str) -> str:
    """Classes by which the page hides what is not chosen; see admin_channel.js."""
    return " ".join(f"when-{name}--{value}" for name, value in wanted.items())


def _provider_section(side: str, provider: str) -> tuple[Any, dict[str, Any]]:
    names = [
        f.name for f in PROVIDER_FIELDS if (f.side, f.provider) == (side, provider)
    ]
    if side == "incoming":
        classes = _when(incoming_transport="webhook", incoming_provider=provider)
        return None, {"fields": names, "classes": [classes]}
    classes = _when(outgoing_transport="provider", outgoing_provider=provider)
    title = _("Reports of what was sent (webhook)") if side == "tracking" else None
    return title, {"fields": names, "classes": [classes]}


def _provider_sections(*sides: str) -> list[tuple[Any, dict[str, Any]]]:
    pairs = dict.fromkeys((f.side, f.provider) for f in PROVIDER_FIELDS)
    return [_provider_section(s, p) for s, p in pairs if s in sides]


def _in_fields(*names: str) -> tuple[str, ...]:
    return tuple(f"incoming_{name}" for name in names)


def _out_fields(*names: str) -> tuple[str, ...]:
    return tuple(f"outgoing_{name}" for name in names)


FIELDSETS: list[tuple[Any, dict[str, Any]]] = [
    (None, {"fields": ("name", "address", "aliases", "brand", "team", "is_active")}),
    (_("Incoming"), {"fields": ("incoming_transport",)}),
    (
        None,
        {
            "fields": (
                *_in_fields("host", "port", "security", "username"),
                *("oauth_provider", "incoming_password"),
                *(f"oauth_{n}" for n in ("client_id", "client_secret", "tenant")),
                *(f"oauth_{n}" for n in ("authorization_url", "token_url", "scope")),
                *_in_fields("folders", "begins_with", "afterwards", "move_to"),
            ),
            "classes": [_when(incoming_transport="imap")],
        },
    ),
    (
        None,
        {
            "fields": ("incoming_provider", "incoming_address"),
            "classes": [_when(incoming_transport="webhook")],
        },
    ),
    *_provider_sections("incoming"),
    (_("Outgoing"), {"fields": ("outgoing_transport",)}),
    (
        None,
        {
            "fields": _out_fields(
                *("host", "port", "security", "username"), "password", "uses_oauth"
            ),
            "classes": [_when(outgoing_transport="smtp")],
        },
    ),
    (
        None,
        {
            "fields": ("outgoing_provider", "tracking_address"),
            "classes": [_when(outgoing_transport="provider")],
        },
    ),
    *_provider_sections("outgoing", "tracking"),
    (
        _("Answering"),
        {
            "fields": (
                *("sender_name", "continuity", "continuity_hours", "undo_seconds"),
                *("reply_within_minutes", "acknowledges", "acknowledgement"),
            )
        },
    ),
    (
        _("Trust and addresses"),
        {
            "fields": (
                *("trusted_servers", "checks_senders", "trusts_colleagues"),
                *("trusted_networks", "plus_addresses", "bounce_address"),
            ),
        },
    ),
]


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    section, place = "channels", 1
    list_display = ("name", "address", "brand", "team", "is_active", "how_it_does")
    list_filter = ("is_active", "brand", "team")
    list_select_related = ("brand", "team", "health")
    search_fields = ("name", "address")
    ordering = ("name", "id")
    readonly_fields = ("incoming_address", "tracking_address")
    change_form_template = "admin/channel_form.html"

    class Media:
        js = ("js/admin_channel.js",)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        pages: list[tuple[str, View, str]] = [
            ("<int:pk>/test/", connect.channel_test, "test"),
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
        return FORMS[obj.kind if obj else "email"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return FIELDSETS

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
        save_channel(channel=obj, capabilities=capabilities, configure=form.configure)

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


@admin.register(ChannelHealth)
class ChannelHealthAdmin(ReadOnlyAdmin):
    section, place = "channels", 3
    list_display = (
        *("channel", "last_inbound_at", "last_outbound_at", "last_error_at", "error"),
    )
    list_select_related = ("channel",)
    ordering = ("channel__name", "channel_id")
    fields = list_display


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnlyAdmin):
    section, place = "traffic", 1
    list_display = (
        *("id", "received_at", "channel", "source", "state", "size", "redeliveries"),
        "reason",
    )
    list_display_links = ("id", "received_at")
    list_filter = ("state", "source", "channel")
    list_select_related = ("channel",)
    ordering = ("-id",)
    fields = (
        *("channel", "source", "received_at", "size", "sha256", "envelope", "state"),
        *("attempts", "run_at", "redeliveries", "reason", "handled_at"),
        "conversation_link",
    )
    readonly_fields = ("envelope", "conversation_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        """Neither raw bytes nor headers of requests are read for a list."""
        rows = InboundEvent.objects.defer("raw", "traceback")
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        return rows.defer("headers") if is_list else rows

    @admin.display(description=_("envelope"))
    def envelope(self, event: InboundEvent) -> str:
        shown = {k: event.headers[k] for k in ENVELOPE if event.headers.get(k)}
        return "\n".join(f"{name}: {value}" for name, value in shown.items()) or "-"

    @admin.display(description=_("conversation"))
    def conversation_link(self, event: InboundEvent) -> str:
        if not event.conversation_id:
            return "-"
        url = reverse("inbox:conversation", args=[event.conversation_id])
        return format_html('<a href="{}">{}</a>', url, _("Open"))


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ReadOnlyAdmin):
    section, place = "traffic", 3
    list_display = ("item_id", "number", "channel", "started_at", "outcome", "said")
    list_filter = ("outcome", "channel")
    list_select_related = ("channel",)
    ordering = ("-id",)
    fields = (
        *("item_id", "number", "channel", "started_at", "ended_at", "outcome"),
        "response",
    )

    @admin.display(description=_("what the server said"))
    def said(self, attempt: DeliveryAttempt) -> str:
        return attempt.response[:120]


class DifferenceFilter(admin.SimpleListFilter):
    title = _("books")
    parameter_name = "books"
    CHOICES: ClassVar[list[tuple[str, Any]]] = [("wrong", _("With a difference"))]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return self.CHOICES

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[LedgerDay]
    ) -> QuerySet[LedgerDay]:
        return queryset.exclude(difference=0) if self.value() else queryset


@admin.register(LedgerDay)
class LedgerDayAdmin(ReadOnlyAdmin):
    section, place = "traffic", 4
    list_display = (
        *("day", "channel", "journalled", "shown", "duplicates", "ignored"),
        *("quarantined", "discarded", "waiting", "missing_items", "damaged"),
        "difference",
    )
    list_filter = (DifferenceFilter, "channel")
    list_select_related = ("channel",)
    ordering = ("-day", "channel_id")
