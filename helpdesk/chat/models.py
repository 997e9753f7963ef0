"""Who writes by chat, how far both sides have read, and what was looked at before."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Visitor(models.Model):
    """One browser or app that somebody writes from by chat.

    It is made when they first write or prove who they are, never before. What they
    may see hangs on `identity` and `is_proven` alone; everything typed is a claim.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.PROTECT, related_name="visitors"
    )
    identity = models.ForeignKey(
        "customers.Identity", on_delete=models.PROTECT, related_name="visitors"
    )
    token_hash = models.CharField(max_length=64)
    """SHA-256 of the secret part of its token."""
    is_proven = models.BooleanField(default=False)
    """A signed identity was shown here; it holds until the token is given up."""
    claimed_name = models.CharField(max_length=200, blank=True, default="")
    claimed_email = models.CharField(max_length=320, blank=True, default="")
    """Typed by the visitor, or what their page said; a claim even if `is_proven`."""
    locale = models.CharField(max_length=12, blank=True, default="")
    attributes = models.JSONField(default=dict, blank=True)
    """Facts the page set about its visitor: flat, words and numbers."""
    page = models.JSONField(default=dict, blank=True)
    """Where they were last: `{"title", "url", "at"}`."""
    last_seen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        indexes = [
            models.Index(fields=["channel", "-last_seen_at"], name="visitor_last_seen"),
        ]

    def __str__(self) -> str:
        return self.claimed_name or str(self.public_id)


class UsedProof(models.Model):
    """A signed identity that was taken: it opens one session and no second one."""

    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.CASCADE, related_name="+"
    )
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of what was signed."""
    visitor = models.ForeignKey(
        Visitor, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Whose session it opened: shown with their token, it is no news."""
    earlier_token_hash = models.CharField(max_length=64, blank=True, default="")
    """Of the anonymous token it was shown with: the answer may have been lost."""
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("used proof of identity")
        verbose_name_plural = _("used proofs of identity")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "fingerprint"], name="proof_used_once"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]


class ChatState(models.Model):
    """How far both sides of a chat have read, and how it went on."""

    conversation = models.OneToOneField(
        "inbox.Conversation",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="chat",
    )
    visitor = models.ForeignKey(
        Visitor, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Who wrote last: whose claims the agent is shown."""
    visitor_delivered_seq = models.PositiveIntegerField(default=0)
    visitor_seen_seq = models.PositiveIntegerField(default=0)
    visitor_seen_at = models.DateTimeField(null=True, blank=True)
    agent_seen_seq = models.PositiveIntegerField(default=0)
    agent_seen_at = models.DateTimeField(null=True, blank=True)
    unseen_since = models.DateTimeField(null=True, blank=True)
    """When the oldest answer was written that the visitor has not seen."""
    continued_seq = models.PositiveIntegerField(default=0)
    """Up to which item answers were sent on by mail."""
    continued_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    """When the visitor ended it; cleared when they write again."""
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    """1 to 5, as the visitor last gave it."""
    rating_comment = models.TextField(blank=True, default="")
    rated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("state of a chat")
        verbose_name_plural = _("states of chats")
        indexes = [
            models.Index(
                fields=["unseen_since"],
                name="chat_unseen",
                condition=Q(unseen_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"chat {self.pk}"


class Visit(models.Model):
    """One stay of a visitor on the site: the pages they looked at, in order."""

    visitor = models.ForeignKey(
        Visitor, on_delete=models.CASCADE, related_name="visits"
    )
    pages = models.JSONField(default=list)
    """`[{"title", "url", "at"}]`, the newest last; the oldest are dropped."""
    item = models.OneToOneField(
        "inbox.TimelineItem",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    """The line on the timeline that shows it; None until there is a conversation."""
    began_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["visitor", "-last_at"], name="visit_of_visitor"),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"
