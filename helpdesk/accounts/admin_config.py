"""Which admin site Django uses."""

from django.contrib.admin.apps import SimpleAdminConfig


class DeskAdminConfig(SimpleAdminConfig):
    default_site = "helpdesk.accounts.admin_site.DeskAdminSite"
