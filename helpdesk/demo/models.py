"""What the sample desk remembers beside the desk itself."""

from email.utils import parseaddr

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DemoState(models.Model):
    """How far the story has been told, and whether visitors write. One row."""

    began_at = models.DateTimeField(default=timezone.now)
    """The “now” of the story: all its times are counted back from it."""
    steps_told = models.PositiveIntegerField(default=0)
    topics = models.JSONField(default=dict)
    """The conversation of each topic of the story, by the topic's key."""
    is_told = models.BooleanField(default=False)
    is_paused = models.BooleanField(default=False)
    letters_written = models.PositiveIntegerField(default=0)
    """How many mails visitors have sent since: they stop at a limit."""

    class Meta:
        verbose_name = _("sample desk")
        verbose_name_plural = _("sample desk")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="demo_state_is_one")
        ]

    def __str__(self) -> str:
        return f"told {self.steps_told}"


class ReceivedMail(models.Model):
    """One mail that a customer of the sample desk received from us."""

    address = models.CharField(max_length=320)
    """Whose mailbox it is in; a mail to two people is in both."""
    sender = models.CharField(max_length=500)
    reply_to = models.CharField(max_length=500)
    subject = models.TextField(blank=True)
    message_id = models.CharField(max_length=512)
    """Without angle brackets, as `MessageDetail.message_id` is."""
    references = models.TextField(blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    raw = models.BinaryField()
    is_automatic = models.BooleanField(default=False)
    received_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    """When a visitor answered it, or decided that there is nothing to say."""

    class Meta:
        verbose_name = _("received mail")
        verbose_name_plural = _("received mails")
        constraints = [
            models.UniqueConstraint(
                fields=["address", "message_id"], name="received_mail_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["address", "-received_at", "-id"], name="received_by_address"
            ),
            models.Index(
                fields=["received_at", "id"],
                name="received_unanswered",
                condition=models.Q(answered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} to {self.address}"

    @property
    def sender_name(self) -> str:
        name, address = parseaddr(self.sender)
        return name or address
