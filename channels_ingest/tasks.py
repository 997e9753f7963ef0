"""Background work of the channels."""

from celery import shared_task

from channels_ingest.drain import drain_all
from helpdesk.core.bells import INGEST
from helpdesk.core.doorbell import answer


@shared_task(name="channels_ingest.tasks.drain_inbound", queue="ingest")
def drain_inbound() -> int:
    """Read what the journal holds; may run twice, and at the same time."""
    answer(INGEST)
    return drain_all()
