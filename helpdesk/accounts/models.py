"""Who works here: agents, their teams, and what a role may see and do."""

from typing import Any, ClassVar, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject, Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from helpdesk.accounts.roles import Role, capabilities_of
from helpdesk.core.prepared import Prepared


class Sight(models.TextChoices):
    """Which conversations an agent may see. Admins see all of them."""

    ALL = "all", _("Every team's, but for private teams")
    TEAMS = "teams", _("Own teams' and those without a team")
    ASSIGNED = "assigned", _("Only those assigned to the agent")


class Theme(models.TextChoices):
    SYSTEM = "", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def able_to_reply(self) -> "UserQuerySet":
        return self.active().exclude(role=Role.VIEWER)

    def with_teams(self) -> "UserQuerySet":
        """Read along how each stands to every team; `team_access` then knows it."""
        own = Team.members.through.objects.filter(
            team=models.OuterRef("pk"), user=models.OuterRef(models.OuterRef("pk"))
        )
        rows = Team.objects.order_by("name", "id").values(
            row=JSONObject(
                pk="pk", name="name", is_private="is_private", is_own=models.Exists(own)
            )
        )
        return self.annotate(team_rows=ArraySubquery(rows))


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())

    def create_user(
        self, *, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, *, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self.create_user(
            email=email, password=password, **{"role": Role.ADMIN, **fields}
        )


class User(AbstractBaseUser):
    """One person who works here and signs in: an agent, a lead or an admin."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(
        _("role"), max_length=10, choices=Role.choices, default=Role.AGENT
    )
    sight = models.CharField(
        _("may see"), max_length=10, choices=Sight.choices, default=Sight.ALL
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_available = models.BooleanField(_("available"), default=True)
    signature = models.TextField(_("signature"), blank=True)
    locale = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    theme = models.CharField(
        _("theme"), max_length=6, choices=Theme.choices, blank=True, default=""
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_staff(self) -> bool:
        """Whether Django admin lets the person in."""
        return self.is_admin

    def can(self, capability: str) -> bool:
        """Whether the role grants `capability` (see `roles.py`)."""
        return self.is_active and capability in capabilities_of(self.role)

    @cached_property
    def team_access(self) -> "tuple[TeamAccess, ...]":
        """Every team by name, and whether they belong to it.

        Read once for as long as this object lives: for one request.
        """
        reader = self if "team_rows" in vars(self) else _by_pk(pk=self.pk)[0]
        return tuple(TeamAccess(**row) for row in vars(reader)["team_rows"])

    @property
    def closed_team_ids(self) -> tuple[int, ...]:
        """The private teams whose conversations are none of their business."""
        return tuple(
            it.pk for it in self.team_access if it.is_private and not it.is_own
        )

    @property
    def own_teams(self) -> "tuple[TeamAccess, ...]":
        return tuple(it for it in self.team_access if it.is_own)

    @property
    def own_team_ids(self) -> tuple[int, ...]:
        return tuple(it.pk for it in self.own_teams)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_admin

    def get_session_auth_hash(self) -> str:
        """End every session when the password, the role or the access changes."""
        return f"{super().get_session_auth_hash()}:{self.role}:{self.is_active}"

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def initials(self) -> str:
        return initials_of(self.name or self.email)

    @property
    def color_index(self) -> int:
        return (self.pk or 0) % 12


_by_pk = Prepared(lambda *, pk: User.objects.with_teams().filter(pk=pk))


def known_user(pk: int) -> User | None:
    """Return a user with their access to teams: every page begins with it."""
    return next(iter(_by_pk(pk=pk)), None)


class TeamAccess(NamedTuple):
    """A team as one agent stands to it."""

    pk: int
    name: str
    is_private: bool
    is_own: bool


class Team(models.Model):
    """A group of agents that conversations are handed to."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    members = models.ManyToManyField(
        User, related_name="teams", blank=True, verbose_name=_("members")
    )
    is_private = models.BooleanField(
        _("private"),
        default=False,
        help_text=_("Only its members and admins see its conversations."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """A link by which one person can become an agent, once and for a few days."""

    email = models.EmailField(_("email"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    role = models.CharField(
        _("role"), max_length=10, choices=Role.choices, default=Role.AGENT
    )
    sight = models.CharField(
        _("may see"), max_length=10, choices=Sight.choices, default=Sight.ALL
    )
    teams = models.ManyToManyField(
        Team, related_name="+", blank=True, verbose_name=_("teams")
    )
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    """What is kept of the link: enough to recognise it, not to make it."""
    invited_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token_digest__regex="^[0-9a-f]{64}$"),  # noqa: S106
                name="invitation_has_token",
            )
        ]

    def __str__(self) -> str:
        return self.email


def initials_of(name: str) -> str:
    """Return one or two capital letters that stand for a name on an avatar."""
    words = [word for word in name.replace("@", " ").split() if word[:1].isalnum()]
    letters = [word[0] for word in (words[:1] + words[1:][-1:])]
    return "".join(letters).upper()[:2] or "?"
