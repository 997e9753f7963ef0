"""What became of a message we wrote."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.TextChoices):
    HELD = "held", _("Can still be taken back")
    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    SEEN = "seen", _("Seen")
    DEFERRED = "deferred", _("Delayed")
    BOUNCED = "bounced", _("Came back")
    FAILED = "failed", _("Not sent")
    UNCONFIRMED = "unconfirmed", _("Perhaps sent")
    CANCELED = "canceled", _("Taken back")


PENDING = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENDING)
UNFINISHED = (*PENDING, DeliveryState.DEFERRED, DeliveryState.UNCONFIRMED)
"""Somebody still has to do something or to tell us something; there are never many."""
FINISHED = tuple(state for state in DeliveryState if state not in UNFINISHED)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def ready(self, *, now: datetime) -> Self:
        """Keep what may be sent now."""
        return self.filter(
            state__in=(DeliveryState.HELD, DeliveryState.QUEUED), send_after__lte=now
        )

    def abandoned(self, *, now: datetime) -> Self:
        """Keep what a sender took and never came back from."""
        return self.filter(state=DeliveryState.SENDING, lease_until__lt=now)

    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED)

    def finished_since(self, at: datetime) -> Self:
        """Keep what came to its end, good or bad, at that time or later."""
        return self.filter(state__in=FINISHED, updated_at__gte=at)


class Delivery(models.Model):
    """The way of one outgoing message: held, queued, sent, and what came of it."""

    item = models.OneToOneField(
        "inbox.TimelineItem",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="delivery",
    )
    conversation = models.ForeignKey(
        "inbox.Conversation", on_delete=models.CASCADE, related_name="deliveries"
    )
    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.PROTECT, related_name="deliveries"
    )
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(
        max_length=12, choices=DeliveryState.choices, default=DeliveryState.HELD
    )
    send_after = models.DateTimeField(default=timezone.now)
    """End of the undo time, or of the pause before the next attempt."""
    give_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    """Also the fencing token: a result is taken only from the latest attempt."""
    lease_until = models.DateTimeField(null=True, blank=True)
    provider_message_id = models.CharField(max_length=512, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    """Why it is late or came back, in plain words."""
    diagnostic = models.TextField(blank=True, default="")
    """The server's own words, for those who can read them."""
    failed_recipients = models.JSONField(default=list, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["send_after", "item"],
                name="delivery_ready",
                condition=Q(state__in=("held", "queued")),
            ),
            models.Index(
                fields=["lease_until"],
                name="delivery_leased",
                condition=Q(state="sending"),
            ),
            models.Index(fields=["provider_message_id"], name="delivery_provider_id"),
            models.Index(
                fields=["state"],
                name="delivery_unfinished",
                condition=Q(state__in=UNFINISHED),
            ),
            models.Index(
                fields=["updated_at"],
                include=["state"],
                name="delivery_finished",
                condition=Q(state__in=FINISHED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.item_id}"

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING
