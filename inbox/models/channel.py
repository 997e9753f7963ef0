"""Where messages come from and leave by."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.fields import EncryptedJSONField


class Brand(models.Model):
    """A name customers know us by; channels belong to one."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    signature = models.TextField(
        _("signature"),
        blank=True,
        help_text=_("Stands below the agent's own signature."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")

    def __str__(self) -> str:
        return self.name


class Continuity(models.TextChoices):
    """When a message without a reference joins the customer's open topic."""

    SUBJECT = "subject", _("Same subject")
    ALWAYS = "always", _("Always")
    NEVER = "never", _("Never")


class ChannelQuerySet(models.QuerySet["Channel"]):
    def active(self) -> "ChannelQuerySet":
        return self.filter(is_active=True)


class Channel(models.Model):
    """One mailbox, number, page or widget, with what it takes to use it."""

    kind = models.CharField(_("kind"), max_length=20, default="email")
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=320, unique=True)
    """What customers write to, normalised: support@shop.example."""
    aliases = models.JSONField(_("other addresses"), default=list, blank=True)
    brand = models.ForeignKey(
        Brand,
        on_delete=models.PROTECT,
        related_name="channels",
        verbose_name=_("brand"),
    )
    team = models.ForeignKey(
        "accounts.Team",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="channels",
        verbose_name=_("team"),
        help_text=_("New conversations go to this team."),
    )
    sender_name = models.CharField(
        _("sender's name"),
        max_length=120,
        blank=True,
        help_text=_("Shown with the address; empty means the brand's name."),
    )
    config = EncryptedJSONField(_("settings"), default=dict, blank=True)
    """Adapter settings and credentials; its adapter's README names the keys."""
    capabilities = models.JSONField(default=dict, blank=True)
    """A copy of what the adapter can do, so that the inbox need not ask it.

    Of a chat also what is set up in `config`: `mailbox_id`, and as `files` the names
    of stored ones that belong to the channel.
    """
    continuity = models.CharField(
        _("joins the open topic"),
        max_length=10,
        choices=Continuity.choices,
        default=Continuity.SUBJECT,
    )
    continuity_hours = models.PositiveIntegerField(_("for hours"), default=24 * 14)
    undo_seconds = models.PositiveSmallIntegerField(_("undo time, seconds"), default=10)
    reply_within_minutes = models.PositiveIntegerField(
        _("answer within, minutes"),
        null=True,
        blank=True,
        help_text=_("Sets the due time of what a customer writes; empty means none."),
    )
    unanswered_seconds = models.PositiveIntegerField(
        _("mark as unanswered after, seconds"),
        default=60,
        db_default=60,
        help_text=_("Of a chat: after so long agents see that nobody has answered."),
    )
    acknowledges = models.BooleanField(
        _("acknowledge new conversations"),
        default=False,
        help_text=_("Answers the first mail of a conversation automatically."),
    )
    acknowledgement = models.TextField(_("text of the acknowledgement"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __init__(self, *columns: Any, **fields: Any) -> None:
        """An answer by chat is there at once unless a wait is given."""
        if (fields.get("capabilities") or {}).get("is_fetched"):
            fields.setdefault("undo_seconds", 0)
        super().__init__(*columns, **fields)

    def __str__(self) -> str:
        return self.name

    @property
    def from_name(self) -> str:
        return self.sender_name or self.brand.name

    @property
    def is_fetched(self) -> bool:
        """Whether customers fetch their messages from us: nothing has to be sent."""
        return bool(self.capabilities.get("is_fetched"))

    @property
    def mailbox_id(self) -> int | None:
        """The mailbox that answers of a chat leave by, if one was chosen for it."""
        chosen: int | None = self.capabilities.get("mailbox_id")
        return chosen
