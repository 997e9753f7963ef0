"""What has to be known before a desk can open."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from helpdesk.accounts.models import User


def _input(kind: type[forms.Widget], **attributes: str) -> forms.Widget:
    return kind(attrs={"class": "input", **attributes})


class FirstRunForm(forms.Form):
    """Brand, first mailbox, first admin."""

    brand_name = forms.CharField(
        label=_("Name customers know you by"),
        max_length=120,
        widget=_input(forms.TextInput, autocomplete="organization"),
    )
    address = forms.EmailField(
        label=_("Address customers write to"),
        help_text=_("Mail to it becomes conversations. How it arrives is set later."),
        widget=_input(forms.EmailInput, autocomplete="off"),
    )
    admin_name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=_input(forms.TextInput, autocomplete="name"),
    )
    email = forms.EmailField(
        label=_("Your own email"),
        help_text=_("You sign in with it."),
        widget=_input(forms.EmailInput, autocomplete="username"),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least ten characters."),
        widget=_input(forms.PasswordInput, autocomplete="new-password"),
    )

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).strip().lower()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("email") and data.get("email") == data.get("address"):
            self.add_error("email", _("Customers write to this one. Use your own."))
        if "password" in data:
            self._check_password()
        return data

    def _check_password(self) -> None:
        data = self.cleaned_data
        person = User(name=data.get("admin_name", ""), email=data.get("email", ""))
        try:
            validate_password(data["password"], person)
        except ValidationError as error:
            self.add_error("password", error)

    def facts(self) -> dict[str, str]:
        """Return what `set_up_desk` asks for."""
        return {name: self.cleaned_data[name] for name in self.fields}
