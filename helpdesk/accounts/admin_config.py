"""Which admin site Django uses."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    default_site = "helpdesk.accounts.admin_site.DeskAdminSite"
