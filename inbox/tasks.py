"""Background work of the inbox."""

from celery import shared_task
from django.utils import timezone

from helpdesk.core.bells import RELEASE, SEARCH
from helpdesk.core.doorbell import answer
from inbox.actions import assignment, conversations, files
from inbox.actions.indexing import index_pending


@shared_task(name="inbox.tasks.wake_snoozed", queue="sweep")
def wake_snoozed() -> int:
    """Bring back what was snoozed until now; may run twice."""
    return conversations.wake_snoozed(now=timezone.now())


@shared_task(name="inbox.tasks.release_orphaned", queue="sweep")
def release_orphaned() -> int:
    """Hand back what people have who left, in batches; may run twice, and at once."""
    answer(RELEASE)
    total = 0
    while count := assignment.release_orphaned(now=timezone.now()):
        total += count
    return total


@shared_task(name="inbox.tasks.index_search", queue="sweep")
def index_search() -> int:
    """Make new items findable, in batches; may run twice, and at the same time."""
    answer(SEARCH)
    total = 0
    while count := index_pending():
        total += count
    return total


@shared_task(name="inbox.tasks.delete_stray_files", queue="sweep")
def delete_stray_files() -> int:
    """Delete what a full disk or a crash left behind; may run twice."""
    return files.delete_stray_files(now=timezone.now())
