"""Background work of the floor."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from helpdesk.core.bells import OUTBOX
from helpdesk.core.doorbell import answer
from helpdesk.core.outbox import prune, relay_all

KEEP_DONE = timedelta(days=7)


@shared_task(name="helpdesk.core.tasks.relay_outbox", queue="sweep")
def relay_outbox() -> int:
    """Run what the outbox holds; may run twice, and at the same time."""
    answer(OUTBOX)
    return relay_all()


@shared_task(name="helpdesk.core.tasks.prune_outbox", queue="sweep")
def prune_outbox() -> int:
    """Forget events that were handled more than a week ago."""
    return prune(before=timezone.now() - KEEP_DONE)
