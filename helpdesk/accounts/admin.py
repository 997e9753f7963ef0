"""Django admin for the people who work here."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpdesk.accounts.actions import (
    Access,
    LastAdmin,
    announce_access_of_all,
    change_access,
    change_members,
    deactivate_agent,
    reactivate_agent,
    rename_agent,
)
from helpdesk.accounts.models import Invitation, Team, User
from helpdesk.accounts.roles import Role

LAST_ADMIN = _(
    "This is the only admin. Make somebody else an admin first, "
    "so that the desk can still be set up."
)

admin.site.unregister(Group)


class AgentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who somebody is and what they may do. Passwords are theirs alone."""

    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = User
        fields = ("name", "email", "role", "sight", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["teams"] = self.instance.teams.all()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        stays = data.get("role") == Role.ADMIN and data.get("is_active")
        others = User.objects.active().filter(role=Role.ADMIN)
        if not stays and not others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(LAST_ADMIN)
        return data

    def access(self) -> Access:
        data = self.cleaned_data
        return Access(
            role=data["role"],
            sight=data["sight"],
            teams=frozenset(team.pk for team in data["teams"]),
        )


@admin.register(User)
class AgentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    section, place = "people", 1
    form = AgentForm
    list_display = ("name", "email", "role", "sight", "team_names", "is_active")
    list_filter = ("is_active", "role", "teams")
    search_fields = ("name", "email")
    ordering = ("name", "id")
    actions = ("deactivate_selected", "reactivate_selected")
    fieldsets = (
        (None, {"fields": ("name", "email")}),
        (
            _("Access"),
            {
                "fields": ("role", "sight", "teams", "is_active"),
                "description": _(
                    "Another role, and taking the right to sign in, ends every "
                    "session of this person at once."
                ),
            },
        ),
        (_("Account"), {"fields": ("last_login", "created_at")}),
    )
    readonly_fields = ("last_login", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.prefetch_related("teams")

    @admin.display(description=_("teams"))
    def team_names(self, agent: User) -> str:
        return ", ".join(sorted(team.name for team in agent.teams.all()))

    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Any:
        """People are invited: nobody chooses a password for somebody else."""
        return redirect("accounts:invite")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What they wrote stays theirs, so agents are only deactivated."""
        return False

    def changeform_view(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except LastAdmin:
            # Somebody else took the other admin's role between check and change.
            self.message_user(request, LAST_ADMIN, messages.ERROR)
            return redirect(request.path)

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: Any
    ) -> None:
        rename_agent(agent_id=obj.pk, name=obj.name, email=obj.email)
        change_access(agent_id=obj.pk, access=form.access())
        if obj.is_active:
            reactivate_agent(agent_id=obj.pk)
        else:
            deactivate_agent(agent_id=obj.pk)

    @admin.action(description=_("Deactivate: sign out everywhere, let in no longer"))
    def deactivate_selected(
        self, request: HttpRequest, queryset: QuerySet[User]
    ) -> None:
        for agent in queryset:
            try:
                deactivate_agent(agent_id=agent.pk)
            except LastAdmin:
                self.message_user(request, LAST_ADMIN, messages.ERROR)
                return
        said = _("They are signed out. What they had open goes back to “Unassigned”.")
        self.message_user(request, said, messages.SUCCESS)

    @admin.action(description=_("Let in again"))
    def reactivate_selected(
        self, request: HttpRequest, queryset: QuerySet[User]
    ) -> None:
        for agent in queryset:
            reactivate_agent(agent_id=agent.pk)
        self.message_user(request, _("They may sign in again."), messages.SUCCESS)


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ("name", "is_private", "members")
        widgets = {"members": forms.CheckboxSelectMultiple}


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    section, place = "people", 2
    list_display = ("name", "member_count", "is_private")
    search_fields = ("name",)
    ordering = ("name", "id")
    form = TeamForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return Team.objects.annotate(members_now=Count("members"))

    @admin.display(description=_("members"), ordering="members_now")
    def member_count(self, team: Any) -> int:
        return int(team.members_now)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Without its team, what a private team discussed would be open to all."""
        return obj is not None and not obj.is_private

    def save_model(
        self, request: HttpRequest, obj: Team, form: Any, change: Any
    ) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_private" in form.changed_data:
            announce_access_of_all()

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: Any
    ) -> None:
        members = frozenset(agent.pk for agent in form.cleaned_data["members"])
        change_members(team_id=form.instance.pk, member_ids=members)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Open invitations can be withdrawn; the link itself is kept nowhere."""

    section, place = "people", 3
    list_display = ("email", "role", "invited_by", "created_at", "state")
    ordering = ("-created_at", "-id")
    list_select_related = ("invited_by",)
    fields = ("email", "name", "role", "sight", "teams", "invited_by", "state")

    @admin.display(description=_("state"))
    def state(self, invitation: Invitation) -> Any:
        if invitation.accepted_at:
            return _("Accepted")
        if invitation.expires_at < timezone.now():
            return _("Too old")
        return pgettext_lazy("invitation", "Open")

    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Any:
        return redirect("accounts:invite")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
