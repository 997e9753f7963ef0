"""Background work of the chat."""

from celery import shared_task
from django.utils import timezone

from helpdesk.chat.actions.continuing import continue_chats, withdraw_seen


@shared_task(name="helpdesk.chat.tasks.continue_by_mail", queue="sweep")
def continue_by_mail() -> int:
    """Send on what visitors have not seen; may run twice, and at the same time."""
    withdraw_seen()
    return continue_chats(now=timezone.now())
