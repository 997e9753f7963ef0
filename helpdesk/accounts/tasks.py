"""Background work around the people who work here."""

from celery import shared_task

from helpdesk.accounts.mails import send_reset
from helpdesk.accounts.models import User


@shared_task(name="helpdesk.accounts.tasks.send_reset_mail", queue="sweep")
def send_reset_mail(*, email: str) -> None:
    """Mail the link, if there is such an agent."""
    agent = User.objects.active().filter(email=email).first()
    if agent is not None:
        send_reset(agent)
