"""Whether anybody outside wants to hear what happens in chats."""

from django.db import connection

from helpdesk.core.events import Event
from helpdesk.core.planned import PlannedStatement

_ANYBODY = PlannedStatement.named(
    "SELECT EXISTS (SELECT FROM api_webhookendpoint WHERE is_active)"
)


def is_anybody_told(_event: Event | None = None) -> bool:
    """Whether there is a webhook in use; what happens before its time is not told."""
    with connection.cursor() as cursor:
        _ANYBODY.run(cursor)
        return bool(cursor.fetchone()[0])
