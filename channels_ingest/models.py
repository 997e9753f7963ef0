"""The journal of raw input, and how channels have been doing."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_ATTEMPTS = 5


class EventState(models.TextChoices):
    NEW = "new", _("Waiting to be read")
    DONE = "done", _("Shown")
    DUPLICATE = "duplicate", _("Had come before")
    IGNORED = "ignored", _("Nothing to show")
    QUARANTINED = "quarantined", _("Could not be read")
    DISCARDED = "discarded", _("Discarded")


class InboundEventQuerySet(models.QuerySet["InboundEvent"]):
    def due(self, *, now: datetime) -> Self:
        """Those to be read now: a first try waits for no time of day."""
        is_its_time = Q(reason="") | Q(run_at__lte=now)
        return self.filter(is_its_time, state=EventState.NEW)

    def unreadable(self) -> Self:
        return self.filter(state=EventState.QUARANTINED)


class InboundEvent(models.Model):
    """Raw bytes that somebody handed us and that we promised to keep."""

    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.PROTECT, related_name="inbound_events"
    )
    dedupe_key = models.CharField(max_length=200)
    """The same for every delivery of the same message; unique per channel."""
    source = models.CharField(max_length=20)
    """Which door it came in by: smtp, lmtp, imap, webhook, import."""
    raw = models.BinaryField()
    headers = models.JSONField(default=dict, blank=True)
    """The envelope: sender, recipients, peer, or the request's headers."""
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(
        max_length=12, choices=EventState.choices, default=EventState.NEW
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    """Counted before each try is made, so that a crash counts too."""
    run_at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(blank=True, default="")
    """Why it could not be read or was ignored, in plain words."""
    traceback = models.TextField(blank=True, default="")
    item_id = models.BigIntegerField(null=True, blank=True)
    conversation_id = models.BigIntegerField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    redeliveries = models.PositiveIntegerField(default=0)
    """How often the same message was handed to us again."""

    objects = InboundEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("inbound event")
        verbose_name_plural = _("inbound events")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "dedupe_key"], name="inbound_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["channel", "id"],
                name="inbound_waiting",
                condition=Q(state=EventState.NEW),
            ),
            models.Index(
                fields=["channel", "run_at", "id"],
                name="inbound_retry",
                condition=Q(state=EventState.NEW) & ~Q(reason=""),
            ),
            models.Index(
                fields=["-received_at", "-id"],
                name="inbound_unreadable",
                condition=Q(state=EventState.QUARANTINED),
            ),
            models.Index(fields=["channel", "received_at"], name="inbound_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"


class DeliveryAttempt(models.Model):
    """One try to hand a message to a provider, and what the provider said."""

    item_id = models.BigIntegerField(db_index=True)
    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.PROTECT, related_name="delivery_attempts"
    )
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    response = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["item_id", "number"], name="delivery_attempt_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.item_id}"


class ChannelHealth(models.Model):
    """When a channel last worked in each direction, and what is wrong now."""

    channel = models.OneToOneField(
        "inbox.Channel",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="health",
    )
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    last_outbound_at = models.DateTimeField(null=True, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    """In plain words, with what to do; empty while all is well."""
    state = models.JSONField(default=dict, blank=True)
    """What a connection remembers between runs: UIDVALIDITY and last UID a folder."""

    class Meta:
        verbose_name = _("channel health")
        verbose_name_plural = _("channel health")

    def __str__(self) -> str:
        return f"health of {self.channel_id}"


class LedgerDay(models.Model):
    """One channel's books for one day: what came in against what became of it."""

    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.CASCADE, related_name="ledger"
    )
    day = models.DateField()
    journalled = models.PositiveIntegerField(default=0)
    shown = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    ignored = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    discarded = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    missing_items = models.PositiveIntegerField(default=0)
    """Events marked as shown whose timeline item is not there."""
    damaged = models.PositiveIntegerField(default=0)
    """Events whose raw bytes no longer match their hash."""
    difference = models.IntegerField(default=0)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("ledger day")
        verbose_name_plural = _("ledger")
        constraints = [
            models.UniqueConstraint(fields=["channel", "day"], name="ledger_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} on {self.day}"


class AutomaticReply(models.Model):
    """That we answered an address automatically: the cap counts these rows."""

    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.CASCADE, related_name="automatic_replies"
    )
    address = models.CharField(max_length=320)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("automatic reply")
        verbose_name_plural = _("automatic replies")
        indexes = [models.Index(fields=["address", "sent_at"], name="auto_reply_cap")]

    def __str__(self) -> str:
        return self.address
