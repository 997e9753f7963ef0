"""The timeline: everything that happened with a customer, one row each, in order."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    MESSAGE = "message", _("Message")
    NOTE = "note", _("Note")
    EVENT = "event", _("Event")


class Direction(models.IntegerChoices):
    NONE = 0, _("None")
    INBOUND = 1, _("From the customer")
    OUTBOUND = 2, _("To the customer")


class Visibility(models.TextChoices):
    INTERNAL = "internal", _("Agents only")
    PRIVATE = "private", _("Customer and agents")
    PUBLIC = "public", _("Everybody")


class TimelineItem(models.Model):
    """One thing that happened with a customer: a message, a note, an event."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(
        "inbox.Conversation", on_delete=models.PROTECT, related_name="items"
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="items"
    )
    """Who owns the item today; merge and split re-point it."""
    channel = models.ForeignKey(
        "inbox.Channel", null=True, on_delete=models.PROTECT, related_name="items"
    )
    identity = models.ForeignKey(
        "customers.Identity", null=True, on_delete=models.PROTECT, related_name="items"
    )
    """The handle that acted; never changes. None when an agent or we did."""
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    direction = models.PositiveSmallIntegerField(
        choices=Direction.choices, default=Direction.NONE
    )
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )
    subject = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    """What was written, without quoted history and signature."""
    html = models.TextField(blank=True, default="")
    """The same as sanitised HTML; empty when the text says it all."""
    payload = models.JSONField(default=dict, blank=True)
    """Small and typed by `kind`: an event's name and parameters, a message's flags."""
    seq = models.PositiveIntegerField()
    """Order within the conversation, handed out under its row lock."""
    external_id = models.CharField(max_length=512, blank=True, default="")
    """The provider's id; unique per channel, so that a redelivery is recognised."""
    client_id = models.UUIDField(null=True, blank=True)
    """The browser's id of a reply, so that a double submit gives one message."""
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("timeline item")
        verbose_name_plural = _("timeline items")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                name="item_external_once",
                condition=~Q(external_id=""),
            ),
            models.UniqueConstraint(
                fields=["conversation", "seq"], name="item_seq_once"
            ),
            models.UniqueConstraint(
                fields=["conversation", "client_id"],
                name="item_client_once",
                condition=Q(client_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "-occurred_at", "-id"], name="item_customer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_inbound(self) -> bool:
        return self.direction == Direction.INBOUND

    @property
    def is_outbound(self) -> bool:
        return self.direction == Direction.OUTBOUND


class MessageDetail(models.Model):
    """What a message carries beside its text: recipients, quoted part, proof."""

    item = models.OneToOneField(
        TimelineItem, primary_key=True, on_delete=models.CASCADE, related_name="detail"
    )
    sender = models.JSONField(default=dict, blank=True)
    """`{"name": …, "handle": …}` as the message itself says."""
    to = models.JSONField(default=list, blank=True)
    cc = models.JSONField(default=list, blank=True)
    bcc = models.JSONField(default=list, blank=True)
    reply_to = models.JSONField(default=list, blank=True)
    message_id = models.CharField(max_length=512, blank=True, default="")
    quoted_text = models.TextField(blank=True, default="")
    quoted_html = models.TextField(blank=True, default="")
    signature = models.TextField(blank=True, default="")
    authentication = models.JSONField(default=dict, blank=True)
    """`{"verdict": "pass"|"fail"|"none", "spf", "dkim", "dmarc", "explanation"}`."""
    remote_images = models.PositiveIntegerField(default=0)
    journal_id = models.BigIntegerField(null=True, blank=True)
    """The `InboundEvent` it was read from; None for what we wrote."""

    class Meta:
        verbose_name = _("message detail")
        verbose_name_plural = _("message details")

    def __str__(self) -> str:
        return f"detail of {self.item_id}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def shown_as_files(self) -> "AttachmentQuerySet":
        return self.filter(is_inline=False)


class Attachment(models.Model):
    """A file that came or left with a message."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item = models.ForeignKey(
        TimelineItem, on_delete=models.CASCADE, related_name="attachments"
    )
    name = models.CharField(max_length=255)
    """Safe to show; the bytes are stored under another, random name."""
    content_type = models.CharField(max_length=255, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    stored_name = models.CharField(max_length=255)
    content_id = models.CharField(max_length=512, blank=True, default="")
    is_inline = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            models.Index(fields=["stored_name"], name="attachment_stored_name"),
        ]

    def __str__(self) -> str:
        return self.name
