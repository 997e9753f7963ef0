"""Whether anybody outside wants to hear what happens in chats."""

from django.db import connection

from helpdesk.core.events import Event

_ANYBODY = "SELECT EXISTS (SELECT FROM api_webhookendpoint WHERE is_active)"


def is_anybody_told(_event: Event | None = None) -> bool:
    """Whether there is a webhook in use; what happens before its time is not told."""
    with connection.cursor() as cursor:
        cursor.execute(_ANYBODY)
        return bool(cursor.fetchone()[0])
