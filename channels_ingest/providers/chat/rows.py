"""Small forms that are there several times: greetings, questions, invitations."""

import re
import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels_ingest.form_fields import LinesField
from channels_ingest.providers.chat.cleaning import MOST_FACTS, NoFact, facts_of

LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("pt", "Português"),
    ("ar", "العربية"),
    ("fa", "فارسی"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
    ("ja", "日本語"),
]
"""That the widget speaks, each in its own words."""
FIELD_KINDS = [
    ("text", _("Text")),
    ("mail", _("Mail address")),
    ("number", _("Number")),
    ("checkbox", _("Checkbox")),
    ("date", _("Date")),
    ("link", _("Link")),
    ("list", _("One of a list")),
    ("phone", _("Phone number")),
]
NO_FACT = _("“%s” does not say what is what. Write it as: plan = pro")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class GreetingRow(forms.Form):
    """What the chat says first in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    text = forms.CharField(
        label=_("Greeting"),
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A row in which nobody wrote is no row, whatever its list shows.
        self.fields["language"].initial = LANGUAGES[0][0]


class QuestionRow(forms.Form):
    """One question of the form before the first message."""

    label = forms.CharField(label=_("Question"), max_length=120)
    type = forms.ChoiceField(label=_("Kind"), choices=FIELD_KINDS, initial="text")
    options = LinesField(
        label=_("Choices"), rows=2, help_text=_("Of a list, one on each line.")
    )
    is_required = forms.BooleanField(label=_("Has to be answered"), required=False)
    name = forms.CharField(
        label=_("Short name"),
        required=False,
        max_length=40,
        help_text=_("For your own systems. Empty means that we make one."),
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip().lower()
        if name and not _NAME.fullmatch(name):
            raise ValidationError(_("Use small letters, digits and _ only."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("type") == "list" and len(data.get("options") or ()) < 2:
            self.add_error("options", _("Write at least two choices."))
        return data


class InvitationRow(forms.Form):
    """A message that shows by itself."""

    text = forms.CharField(
        label=_("Message"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    url_contains = forms.CharField(
        label=_("On pages whose address contains"),
        required=False,
        max_length=200,
        help_text=_("Such as /checkout. Empty means every page."),
    )
    seconds = forms.IntegerField(
        label=_("After seconds on the page"), min_value=0, max_value=3600, initial=10
    )
    visits_at_least = forms.IntegerField(
        label=_("Only from this visit on"),
        min_value=0,
        max_value=1000,
        initial=0,
        help_text=_("2 means the second time somebody comes. 0 means always."),
    )
    attributes = LinesField(
        label=_("Only if the page says"),
        rows=2,
        help_text=_("One on each line, such as: basket = full"),
    )
    needs_somebody = forms.BooleanField(
        label=_("Only while somebody is there to answer"), required=False
    )
    pause_hours = forms.IntegerField(
        label=_("Not again for hours"),
        min_value=0,
        max_value=8760,
        initial=24,
        help_text=_("In the same browser."),
    )
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_attributes(self) -> dict[str, str]:
        lines = self.cleaned_data["attributes"]
        if len(lines) > MOST_FACTS:
            raise ValidationError(_("Ten lines at most."))
        try:
            return facts_of(lines)
        except NoFact as problem:
            raise ValidationError(NO_FACT % problem) from problem

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        return key if _NAME.fullmatch(key) else f"i{secrets.token_hex(4)}"
