"""What reactions could not be carried out, for admins to look at and run again."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from helpdesk.core.admin_tables import ReadOnlyAdmin
from helpdesk.core.models import OutboxEvent
from helpdesk.core.outbox import run_again


class ProgressFilter(admin.SimpleListFilter):
    """Failed ones first: they are what somebody comes here for."""

    title = _("state")
    parameter_name = "state"
    QUERIES: ClassVar[dict[str, Q]] = {
        "failed": Q(failed_at__isnull=False),
        "trying": Q(failed_at=None, done_at=None, attempts__gt=0),
        "waiting": Q(failed_at=None, done_at=None, attempts=0),
        "done": Q(done_at__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("failed", _("Given up")),
            ("trying", _("Tried, will be tried again")),
            ("waiting", _("Waiting")),
            ("done", _("Done")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[OutboxEvent]
    ) -> QuerySet[OutboxEvent]:
        return queryset.filter(self.QUERIES.get(self.value() or "", Q()))


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    section, place = "traffic", 5
    list_display = ("what", "whom", "created_at", "attempts", "progress", "error_line")
    list_filter = (ProgressFilter,)
    ordering = ("-id",)
    actions = ("run_selected_again",)
    fields = (
        *("kind", "subscriber", "payload", "created_at", "run_at"),
        *("attempts", "done_at", "failed_at", "error"),
    )

    @admin.display(description=_("event"))
    def what(self, row: OutboxEvent) -> str:
        return row.kind.rpartition(".")[2]

    @admin.display(description=_("who hears of it"))
    def whom(self, row: OutboxEvent) -> str:
        return row.subscriber

    @admin.display(description=_("state"))
    def progress(self, row: OutboxEvent) -> Any:
        if row.done_at:
            return _("Done")
        if row.failed_at:
            return _("Given up")
        return _("Will be tried again") if row.attempts else _("Waiting")

    @admin.display(description=_("what went wrong"))
    def error_line(self, row: OutboxEvent) -> str:
        return row.error[:120]

    @admin.action(description=_("Run again"))
    def run_selected_again(
        self, request: HttpRequest, queryset: QuerySet[OutboxEvent]
    ) -> None:
        count = run_again(event_ids=list(queryset.values_list("pk", flat=True)))
        words = ngettext("%d runs again.", "%d run again.", count) % count
        self.message_user(request, words, messages.SUCCESS)
