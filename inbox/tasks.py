"""Background work of the inbox."""

from celery import shared_task
from django.utils import timezone

from helpdesk.core.bells import SEARCH
from helpdesk.core.doorbell import answer
from inbox.actions import conversations
from inbox.actions.indexing import index_pending


@shared_task(name="inbox.tasks.wake_snoozed", queue="sweep")
def wake_snoozed() -> int:
    """Bring back what was snoozed until now; may run twice."""
    return conversations.wake_snoozed(now=timezone.now())


@shared_task(name="inbox.tasks.index_search", queue="sweep")
def index_search() -> int:
    """Make new items findable, in batches; may run twice, and at the same time."""
    answer(SEARCH)
    total = 0
    while count := index_pending():
        total += count
    return total
