"""Django admin for a look at people and their handles; the desk changes them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Identity
from helpdesk.core.admin_tables import ReadOnlyAdmin


class IdentityInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Identity
    fields = ("kind", "value", "display_name", "proof", "last_used_at")
    readonly_fields = fields
    ordering = ("id",)
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    section, place = "desk", 1
    list_display = ("person", "company", "location", "created_at")
    search_fields = ("name",)
    search_help_text = _("Search by name; the desk finds addresses, too.")
    ordering = ("-id",)
    inlines = (IdentityInline,)
    fields = (
        *("name", "company", "location", "locale", "time_zone", "notes"),
        *("labels", "created_at", "merged_into"),
    )

    @admin.display(description=_("name"))
    def person(self, customer: Customer) -> str:
        return customer.display_name
