"""Conversations, who takes part in them, and how they are found again."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpdesk.accounts.models import Sight

if TYPE_CHECKING:
    from helpdesk.accounts.models import User


class Status(models.IntegerChoices):
    """Below CLOSED there is still something to do; partial indexes rely on it."""

    OPEN = 1, pgettext_lazy("state", "Open")
    WAITING = 2, _("Waiting on customer")
    SNOOZED = 3, pgettext_lazy("state", "Snoozed")
    CLOSED = 4, pgettext_lazy("state", "Closed")
    SPAM = 5, _("Spam")


ACTIVE = Q(status__lt=Status.CLOSED)
LIVE = Q(status=Status.OPEN, is_chat=True)
"""Somebody sits in front of a chat and may be waiting for the next line."""
ASIDE = Q(status__in=(Status.WAITING, Status.SNOOZED))
"""Not closed, but nothing for an agent to do at the moment."""


class Priority(models.IntegerChoices):
    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class Tag(models.Model):
    """A word that conversations are labelled with."""

    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_unique_name")]

    def __str__(self) -> str:
        return self.name


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, agent: "User") -> Self:
        """Keep what `agent` may see: the one place that decides it."""
        if not agent.is_active:
            return self.none()
        if agent.is_admin:
            return self
        if agent.sight == Sight.ASSIGNED:
            return self.filter(assignee=agent)
        if agent.sight == Sight.TEAMS:
            own = Q(team_id__in=agent.own_team_ids)
            return self.filter(own | Q(assignee=agent) | Q(team=None))
        # The few ids are read first: joined to the teams, every list and every count
        # would take longer to plan than to run.
        closed = agent.closed_team_ids
        if not closed:
            return self
        return self.filter(Q(team=None) | ~Q(team_id__in=closed) | Q(assignee=agent))

    def active(self) -> Self:
        return self.filter(ACTIVE)

    def open(self) -> Self:
        return self.filter(status=Status.OPEN)

    def assigned_to(self, agent: "User") -> Self:
        return self.filter(assignee=agent)

    def unassigned(self) -> Self:
        return self.filter(assignee=None)

    def newest_first(self) -> Self:
        return self.order_by("-last_activity_at", "-id")

    def waiting_longest_first(self) -> Self:
        return self.order_by(F("waiting_since").asc(nulls_last=True), "id")

    def due_first(self) -> Self:
        return self.order_by(F("due_at").asc(nulls_last=True), "id")


class Conversation(models.Model):
    """One topic of one customer, over any number of channels."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="conversations"
    )
    channel = models.ForeignKey(
        "inbox.Channel", on_delete=models.PROTECT, related_name="conversations"
    )
    """The channel the customer last wrote on, where an answer goes by default."""
    identity = models.ForeignKey(
        "customers.Identity",
        null=True,
        on_delete=models.PROTECT,
        related_name="conversations",
    )
    """The handle the customer last wrote from, whom an answer is sent to."""
    is_chat = models.BooleanField(default=False, db_default=False)
    """Whether `channel` is one that customers fetch from; moves along with it."""
    claims = models.JSONField(
        default=dict, db_default=Value({}, models.JSONField()), blank=True
    )
    """`{"name", "email"}` as a visitor typed them: shown as such, proof of nothing."""
    subject = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField(
        choices=Status.choices, default=Status.OPEN
    )
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices, default=Priority.NORMAL
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations",
    )
    team = models.ForeignKey(
        "accounts.Team",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations",
    )
    tag_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    """None while snoozed means: until the customer writes."""
    waiting_since = models.DateTimeField(null=True, blank=True)
    """Since when the customer has been waiting for an answer."""
    last_activity_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_unread = models.BooleanField(default=False)
    preview = models.CharField(max_length=200, blank=True, default="")
    preview_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Who wrote the previewed line; None means the customer did."""
    message_count = models.PositiveIntegerField(default=0)
    attachment_count = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    """Number of the newest timeline item: order and cursor within the topic."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(
                fields=["-last_activity_at", "-id"],
                name="conv_active",
                condition=ACTIVE,
            ),
            models.Index(
                fields=["assignee", "-last_activity_at", "-id"],
                name="conv_mine",
                condition=ACTIVE,
            ),
            models.Index(
                fields=["-last_activity_at", "-id"],
                name="conv_unassigned",
                condition=ACTIVE & Q(assignee__isnull=True),
            ),
            models.Index(
                fields=["team", "-last_activity_at", "-id"],
                name="conv_team",
                condition=ACTIVE,
            ),
            models.Index(
                fields=["due_at", "id"],
                name="conv_due",
                condition=ACTIVE,
            ),
            models.Index(
                fields=["waiting_since", "id"],
                name="conv_waiting",
                condition=ACTIVE,
            ),
            # Few of those aside wait or are due, so the indexes of all that is active
            # would be read to the end for a page of them.
            models.Index(
                fields=["status", "due_at", "id"],
                name="conv_aside_due",
                condition=ASIDE,
            ),
            models.Index(
                fields=["status", "waiting_since", "id"],
                name="conv_aside_waiting",
                condition=ASIDE,
            ),
            models.Index(
                fields=["status", "due_at"],
                include=["assignee", "team"],
                name="conv_late",
                condition=ACTIVE & Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["-last_activity_at", "-id"],
                name="conv_live",
                condition=LIVE,
            ),
            models.Index(
                fields=["waiting_since", "id"],
                name="conv_live_waiting",
                condition=LIVE,
            ),
            models.Index(
                fields=["snoozed_until"],
                name="conv_snoozed",
                condition=Q(status=Status.SNOOZED),
            ),
            GinIndex(fields=["tag_ids"], name="conv_tags", condition=ACTIVE),
            models.Index(
                fields=["status", "-last_activity_at", "-id"], name="conv_status"
            ),
            models.Index(
                fields=["customer", "-last_activity_at", "-id"], name="conv_customer"
            ),
            models.Index(
                fields=["status", "assignee", "team"],
                name="conv_counts",
                condition=ACTIVE,
            ),
        ]

    def __str__(self) -> str:
        return self.subject or f"#{self.pk}"

    @property
    def title(self) -> str:
        """The subject, or what people call a topic that has none."""
        return self.subject or str(_("Chat") if self.is_chat else _("No subject"))

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do: not closed and not spam."""
        return self.status < Status.CLOSED

    def is_due(self, *, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now


class ParticipantRole(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    COPIED = "copied", _("In copy")
    STRANGER = "stranger", _("Not part of it before")


class Participant(models.Model):
    """Somebody whose handle appears in a conversation.

    A stranger wrote into the topic without having been part of it. Nothing of the
    topic is sent to them until an agent lets them in.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="participants"
    )
    identity = models.ForeignKey(
        "customers.Identity", on_delete=models.PROTECT, related_name="participations"
    )
    role = models.CharField(max_length=10, choices=ParticipantRole.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "identity"], name="participant_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} in {self.conversation_id}"


class ThreadReference(models.Model):
    """A key under which a later message may refer to this conversation.

    For mail the key is a Message-ID, for other channels the platform's thread.
    """

    key = models.CharField(max_length=512)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="references"
    )
    is_ours = models.BooleanField(default=False)
    """We made the key, and it cannot be guessed."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("thread reference")
        verbose_name_plural = _("thread references")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "conversation"], name="reference_once"
            )
        ]

    def __str__(self) -> str:
        return self.key


class Mention(models.Model):
    """A note asked this agent to look."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="mentions"
    )
    item = models.ForeignKey(
        "inbox.TimelineItem", on_delete=models.CASCADE, related_name="mentions"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions"
    )
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            models.UniqueConstraint(fields=["item", "agent"], name="mention_once")
        ]
        indexes = [
            models.Index(
                fields=["agent", "conversation"],
                name="mention_unseen",
                condition=Q(seen_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.conversation_id}"


class SavedView(models.Model):
    """A named filter of the list, of one agent or shared by all."""

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_views",
    )
    is_shared = models.BooleanField(default=False)
    filters = models.JSONField(default=dict)
    """Only keys that `inbox.filters` knows; anything else is refused."""
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")

    def __str__(self) -> str:
        return self.name
