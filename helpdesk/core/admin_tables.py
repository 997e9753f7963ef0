"""What admin lists of large, read-only tables share."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest

MOST_ROWS = 5000
"""Nobody turns more pages than this; counting further would only take time."""


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than `MOST_ROWS`, however large the table is."""

    @cached_property
    def count(self) -> int:
        return len(self.object_list.values("pk")[:MOST_ROWS])  # type: ignore[attr-defined]


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at: nothing can be added, changed or deleted."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions_selection_counter = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
