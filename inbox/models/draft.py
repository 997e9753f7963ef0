"""What an agent has begun to write."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DraftMode(models.TextChoices):
    REPLY = "reply", _("Reply")
    REPLY_ALL = "reply_all", _("Reply to all")
    FORWARD = "forward", _("Forward")
    NOTE = "note", _("Note")
    CHAT = "chat", _("Chat")


class Draft(models.Model):
    """One agent's unsent words in one conversation, saved while they type."""

    conversation = models.ForeignKey(
        "inbox.Conversation", on_delete=models.CASCADE, related_name="drafts"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    mode = models.CharField(
        max_length=10, choices=DraftMode.choices, default=DraftMode.REPLY
    )
    way = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The composer's option that was chosen, where the mode does not say it all."""
    html = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    to = models.JSONField(default=list, blank=True)
    cc = models.JSONField(default=list, blank=True)
    bcc = models.JSONField(default=list, blank=True)
    seen_seq = models.PositiveIntegerField(default=0)
    """The newest item the agent had seen when they began: guards against races."""
    updated_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "agent"], name="draft_once_per_agent"
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.agent_id} in {self.conversation_id}"


class Upload(models.Model):
    """A file an agent put into a draft; it becomes an attachment when sent."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(
        "inbox.Conversation", on_delete=models.CASCADE, related_name="uploads"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=255, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    stored_name = models.CharField(max_length=255)
    content_id = models.CharField(max_length=512, blank=True, default="")
    is_inline = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.name
