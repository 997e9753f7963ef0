"""Roles and what each may do, as data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    AGENT = "agent", _("Agent")
    LEAD = "lead", _("Lead")
    ADMIN = "admin", _("Admin")


READ = "read"
REPLY = "reply"
NOTE = "note"
ASSIGN = "assign"
ORGANIZE = "organize"  # close, snooze, tag, priority, spam
EDIT_CUSTOMER = "edit_customer"
MERGE = "merge"
HANDLE_UNREADABLE = "handle_unreadable"  # replay or discard what could not be read
SEE_SOURCE = "see_source"
SHARE_VIEWS = "share_views"  # offer a saved view of the list to everybody
CONFIGURE = "configure"

_VIEWER = frozenset({READ})
_AGENT = _VIEWER | {REPLY, NOTE, ASSIGN, ORGANIZE, EDIT_CUSTOMER, MERGE, SEE_SOURCE}
_LEAD = _AGENT | {HANDLE_UNREADABLE, SHARE_VIEWS}
_ADMIN = _LEAD | {CONFIGURE}

CAPABILITIES: dict[str, frozenset[str]] = {
    Role.VIEWER: _VIEWER,
    Role.AGENT: _AGENT,
    Role.LEAD: _LEAD,
    Role.ADMIN: _ADMIN,
}


def capabilities_of(role: str) -> frozenset[str]:
    """Return what `role` may do; an unknown role may do nothing."""
    return CAPABILITIES.get(role, frozenset())
