"""The floor's own tables, and what other apps' models share."""

from django.contrib.postgres.indexes import BTreeIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """One event that one subscriber still has to hear about, or could not handle."""

    kind = models.CharField(max_length=200)
    """Dotted path of the event's class."""
    subscriber = models.CharField(max_length=200)
    """Dotted path of the function that is called with it."""
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    run_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    """Set when the attempts are used up; such a row waits for a person."""
    error = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("outbox event")
        verbose_name_plural = _("outbox events")
        indexes = [
            BTreeIndex(
                fields=["run_at", "id"],
                name="outbox_pending",
                condition=models.Q(done_at__isnull=True, failed_at__isnull=True),
            ),
            BTreeIndex(
                fields=["done_at"],
                name="outbox_done",
                condition=models.Q(done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.subscriber}"


class RateWindow(models.Model):
    """How often something was tried, counted here while Valkey is away."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("rate window")
        verbose_name_plural = _("rate windows")

    def __str__(self) -> str:
        return self.key
