"""What agents type about themselves, checked; nothing here saves."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.accounts.actions import Profile
from helpdesk.accounts.models import Sight, Team, Theme, User
from helpdesk.accounts.roles import Role
from helpdesk.core.html import sanitize_compose


def _input(kind: type[forms.Widget], **attributes: str) -> forms.Widget:
    return kind(attrs={"class": "input", **attributes})


class SignInForm(forms.Form):
    """Address and password; what is wrong is never said more exactly than that."""

    username = forms.CharField(
        label=_("Email"),
        max_length=254,
        widget=_input(forms.EmailInput, autocomplete="username", autofocus="autofocus"),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=_input(forms.PasswordInput, autocomplete="current-password"),
    )

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request
        self.agent: User | None = None

    @property
    def wait(self) -> int:
        """Seconds until another try makes sense, 0 if it does now."""
        return int(getattr(self.request, "sign_in_wait", 0))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "username" not in data or "password" not in data:
            return data
        found = authenticate(
            self.request,
            username=data["username"].replace("\0", ""),
            password=data["password"],
        )
        if self.wait:
            raise ValidationError(
                _("There were too many tries. Wait a few minutes, then try again.")
            )
        if not isinstance(found, User):
            raise ValidationError(_("Email and password do not fit together."))
        self.agent = found
        return data


LANGUAGES = [("", _("As the browser says")), *settings.LANGUAGES]


class ProfileForm(forms.Form):
    """What agents may change about themselves: neither role nor sight is here."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("Customers see it below your answers."),
        widget=_input(forms.TextInput, autocomplete="name"),
    )
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=5000,
        help_text=_("Stands below your mail."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "4"}),
    )
    theme = forms.ChoiceField(
        label=_("Colors"),
        choices=Theme.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    locale = forms.ChoiceField(
        label=_("Language"),
        choices=LANGUAGES,
        required=False,
        widget=_input(forms.Select),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, widget=_input(forms.Select)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone.replace("_", " ")) for zone in sorted(_zones())]
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("As this desk")), *zones]

    def clean_signature(self) -> str:
        signature = str(self.cleaned_data["signature"])
        return sanitize_compose(signature) if "<" in signature else signature

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def profile(self) -> Profile:
        return Profile(**self.cleaned_data)


def _zones() -> set[str]:
    return {
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix", "right"))
    } | {"UTC"}


class NewPasswordForm(forms.Form):
    """A password, good enough for the person it is for."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=1000,
        help_text=_("At least ten characters."),
        widget=_input(forms.PasswordInput, autocomplete="new-password"),
    )

    def __init__(self, *args: Any, agent: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.agent)
        return password


class PasswordForm(NewPasswordForm):
    """Changing one's own password takes the old one."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        max_length=1000,
        widget=_input(forms.PasswordInput, autocomplete="current-password"),
    )
    field_order = ("current", "password")

    def clean_current(self) -> str:
        current = str(self.cleaned_data["current"])
        if not self.agent.check_password(current):
            raise ValidationError(_("This is not your password."))
        return current


class AcceptForm(NewPasswordForm):
    """What somebody who was invited says about themselves."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=_input(forms.TextInput, autocomplete="name"),
    )
    field_order = ("name", "password")


class ResetForm(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField(
        label=_("Email"), widget=_input(forms.EmailInput, autocomplete="username")
    )


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(
        label=_("Email"), widget=_input(forms.EmailInput, autocomplete="off")
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=_input(forms.TextInput, autocomplete="off"),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.AGENT,
        widget=_input(forms.Select),
    )
    sight = forms.ChoiceField(
        label=_("May see"),
        choices=Sight.choices,
        initial=Sight.ALL,
        widget=_input(forms.Select),
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
