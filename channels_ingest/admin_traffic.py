"""A look at what came in and went out, and how channels do: nothing to change."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from channels_ingest.models import (
    ChannelHealth,
    DeliveryAttempt,
    InboundEvent,
    LedgerDay,
)
from helpdesk.core.admin_tables import ReadOnlyAdmin

ENVELOPE = ("mail_from", "rcpt_to", "peer", "helo", "is_encrypted", "folder", "uid")
"""What may be shown of how something came: headers of requests hold secrets."""


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
