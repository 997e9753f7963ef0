"""Who is writing to us: people, the handles they write from, and merges of both."""

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.accounts.models import initials_of


def nameless() -> str:
    """Return what somebody is called whose name nobody knows yet."""
    return gettext("Unknown person")


def nameless_visitor() -> str:
    """Return what somebody is called who wrote by chat and never said a name."""
    return gettext("Visitor")


class Customer(models.Model):
    """One real person, however many handles they write from."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    locale = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    labels = models.JSONField(_("labels"), default=list, blank=True)
    is_visitor = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether only chats are known of them: while nameless, they are a visitor."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed"
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["name", "id"], name="customer_name"),
            GinIndex(
                fields=["name"], opclasses=["gin_trgm_ops"], name="customer_name_parts"
            ),
            models.Index(
                OpClass(Upper("name"), name="text_pattern_ops"),
                name="customer_name_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name or (nameless_visitor() if self.is_visitor else nameless())

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def color_index(self) -> int:
        return (self.pk or 0) % 12


class IdentityKind(models.TextChoices):
    EMAIL = "email", _("Email")
    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")


class Proof(models.TextChoices):
    """How we know that an identity belongs to its customer."""

    NONE = "", _("Not proven")
    AUTHENTICATED = "authenticated", _("Authenticated mail")
    AGENT = "agent", _("Confirmed by an agent")
    SIGNED = "signed", _("Signed identity")


class IdentityQuerySet(models.QuerySet["Identity"]):
    def of_handle(
        self, *, kind: str, value: str, scope: str = ""
    ) -> "IdentityQuerySet":
        return self.filter(kind=kind, value=value, scope=scope)


class Identity(models.Model):
    """One handle somebody writes from: an address, a number, an account."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="identities"
    )
    kind = models.CharField(max_length=20, choices=IdentityKind.choices)
    value = models.CharField(max_length=320)
    """Normalised: a mail address in lower case, a phone number in E.164."""
    mailbox = models.CharField(max_length=320, blank=True, default="", editable=False)
    """Of a mail address: `mailboxes.mailbox_of` it; else empty."""
    scope = models.CharField(max_length=64, blank=True, default="")
    """The channel account a handle lives in, where it is not global."""
    display_name = models.CharField(max_length=200, blank=True)
    proof = models.CharField(
        max_length=20, choices=Proof.choices, blank=True, default=""
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    shows_remote_images = models.BooleanField(default=False)
    undeliverable_reason = models.TextField(blank=True, default="")
    """Why mail to it bounced for good, in plain words; empty while it is fine."""
    is_forgotten = models.BooleanField(default=False, db_default=False, editable=False)
    """Of a chat: its owner deleted their data, and nobody reads there any more."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "scope"], name="identity_unique_handle"
            )
        ]
        indexes = [
            GinIndex(
                fields=["value"], opclasses=["gin_trgm_ops"], name="identity_parts"
            ),
            models.Index(
                fields=["value"],
                opclasses=["varchar_pattern_ops"],
                name="identity_begins",
            ),
            models.Index(
                fields=["mailbox"],
                condition=~models.Q(mailbox=""),
                name="identity_mailbox",
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def shown_value(self) -> str:
        """The handle as people read it: that of a chat says nothing to anybody."""
        if self.kind != IdentityKind.CHAT:
            return self.value
        if self.proof == Proof.SIGNED:
            return gettext("Web chat · Signed identity")
        return gettext("Web chat · Visitor, not proven")

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class Merge(models.Model):
    """The record that two customers became one, with all that undoing it needs."""

    kept = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="merges_kept"
    )
    absorbed = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="merges_absorbed"
    )
    reasons = models.JSONField(default=list)
    moved = models.JSONField(default=dict)
    """`{"app.Model.column": [pk, …]}`: what pointed at `absorbed` before."""
    previous = models.JSONField(default=dict)
    """Columns of `kept` that the merge filled in, with their earlier values."""
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        indexes = [
            models.Index(fields=["kept", "-created_at"], name="merge_of_customer")
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} into {self.kept_id}"


class NotTheSame(models.Model):
    """An agent's word that two customers are different people."""

    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("pair of different people")
        verbose_name_plural = _("pairs of different people")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="not_same_pair")
        ]

    def __str__(self) -> str:
        return f"{self.one_id} is not {self.other_id}"
