"""Who is told what happens in chats, and each thing they are told."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.fields import EncryptedJSONField


class EventType(models.TextChoices):
    """What a webhook can tell of."""

    MESSAGE_CREATED = "message.created", _("A message was written")
    MESSAGE_SEEN = "message.seen", _("Messages were seen")
    CONVERSATION_CREATED = "conversation.created", _("A conversation began")
    CONVERSATION_CLOSED = "conversation.closed", _("A conversation was closed")
    CONVERSATION_REOPENED = "conversation.reopened", _("A conversation is open again")
    CONVERSATION_ASSIGNED = "conversation.assigned", _("A conversation was assigned")
    RATING_CREATED = "rating.created", _("A chat was rated")


class WebhookEndpoint(models.Model):
    """An address of the company's own that is told what happens in its chats."""

    channel = models.ForeignKey(
        "inbox.Channel",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="webhooks",
        verbose_name=_("channel"),
        help_text=_("Empty means every chat channel."),
    )
    url = models.URLField(_("address"), max_length=2000)
    secrets = EncryptedJSONField(_("secrets"), default=dict)
    """`{"secrets": ["whsec_…"]}`: each signs; the first is the current one."""
    events = ArrayField(
        models.CharField(max_length=40), verbose_name=_("events"), default=list
    )
    is_active = models.BooleanField(_("in use"), default=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    """Tries that failed since the last that did not."""
    paused_until = models.DateTimeField(null=True, blank=True)
    """Nothing is tried before: it has failed again and again."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.url[:120]


class DeliveryProgress(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


class WebhookDelivery(models.Model):
    """One thing that one endpoint is told."""

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("webhook"),
    )
    event_id = models.UUIDField(_("event"), default=uuid.uuid4)
    """Made of what happened: the same however often we hear of it."""
    type = models.CharField(_("type"), max_length=40, choices=EventType.choices)
    conversation = models.ForeignKey(
        "inbox.Conversation", on_delete=models.CASCADE, related_name="+"
    )
    """What belongs to one conversation is told in its order."""
    payload = models.JSONField(_("content"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DeliveryProgress.choices,
        default=DeliveryProgress.WAITING,
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    """Also the fencing token: a result is taken only from the latest attempt."""
    run_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    """While it is being sent: when its sender is given up."""
    give_up_at = models.DateTimeField(_("given up at"))
    last_status = models.PositiveSmallIntegerField(
        _("last answer"), null=True, blank=True
    )
    last_error = models.TextField(_("what went wrong"), blank=True, default="")
    created_at = models.DateTimeField(_("happened"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event_id"], name="webhook_event_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["run_at", "id"],
                name="webhook_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["endpoint", "conversation", "id"],
                name="webhook_order",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["endpoint", "created_at"], name="webhook_replay"),
            models.Index(fields=["created_at"], name="webhook_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
