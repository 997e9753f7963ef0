"""Background work of the API."""

from celery import shared_task
from django.utils import timezone

from helpdesk.api.actions.deliveries import prune_webhooks
from helpdesk.api.sending import send_webhooks_due
from helpdesk.core.bells import WEBHOOKS
from helpdesk.core.doorbell import answer


@shared_task(name="helpdesk.api.tasks.send_webhooks", queue="deliver")
def send_webhooks() -> int:
    """Send what webhooks have to tell; may run twice, and at the same time."""
    answer(WEBHOOKS)
    return send_webhooks_due()


@shared_task(name="helpdesk.api.tasks.forget_webhooks", queue="sweep")
def forget_webhooks() -> int:
    """Forget what was told long ago; may run twice."""
    return prune_webhooks(now=timezone.now())
