"""Background work of the channels."""

from celery import shared_task

from channels_ingest import ledger
from channels_ingest.channel_test import run_test
from channels_ingest.delivering import deliver_due
from channels_ingest.drain import drain_all
from helpdesk.core.bells import DELIVER, INGEST
from helpdesk.core.doorbell import answer


@shared_task(name="channels_ingest.tasks.drain_inbound", queue="ingest")
def drain_inbound() -> int:
    """Read what the journal holds; may run twice, and at the same time."""
    answer(INGEST)
    return drain_all()


@shared_task(name="channels_ingest.tasks.deliver_queued", queue="deliver")
def deliver_queued() -> int:
    """Send what is due; may run twice, and at the same time."""
    answer(DELIVER)
    return deliver_due()


@shared_task(
    name="channels_ingest.tasks.run_channel_test",
    queue="sweep",
    soft_time_limit=100,
    time_limit=110,
)
def run_channel_test(*, key: str, channel_id: int) -> None:
    """Try a channel out for the page that asked; a second run does nothing."""
    run_test(key=key, channel_id=channel_id)


@shared_task(name="channels_ingest.tasks.run_ledger", queue="sweep")
def run_ledger() -> int:
    """Keep the books of the last days; may run twice."""
    return ledger.run_ledger()
