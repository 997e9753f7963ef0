"""What an admin decides about a chat channel, whichever of the kinds it is."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels_ingest.form_fields import LinesField, RowsField, WeekField
from channels_ingest.providers.chat.cleaning import lines_of, name_of
from channels_ingest.providers.chat.config import PATHS, RULE_FIELDS, value_at
from channels_ingest.providers.chat.rows import GreetingRow, QuestionRow
from channels_ingest.providers.chat.settings import chat_settings

MEGABYTE = 1024 * 1024
WEEK = [
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
]
FORM_FOR = [
    ("nobody", _("Nobody")),
    ("visitors", _("Visitors we do not know")),
    ("everybody", _("Everybody")),
]
RULES = {
    "may_start": _("May begin a conversation"),
    "may_reply_to_closed": _("May go on with a closed conversation"),
    "may_have_several": _("May have several conversations at once"),
}


def _whole(label: Any, *, least: int, most: int, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, help_text=hint
    )


def _switch(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=hint)


class ChatSettingsForm(forms.Form):
    """What both kinds of chat have in common."""

    greeting = RowsField(
        label=_("Greeting"),
        row_form=GreetingRow,
        add=_("Add a language"),
        most=10,
        help_text=_("What stands at the top. Without one we greet in our own words."),
    )
    notice = forms.CharField(
        label=_("Notice"),
        required=False,
        max_length=300,
        help_text=_("A line above everything, such as of a public holiday."),
    )
    form_for = forms.ChoiceField(label=_("Ask before the first message"))
    form_fields = RowsField(
        label=_("Questions"),
        row_form=QuestionRow,
        add=_("Add a question"),
        most=12,
        help_text=_("The agent sees the answers with the first message."),
    )
    hours = WeekField(
        label=_("Open"),
        days=WEEK,
        help_text=_("Leave all of it empty if somebody is always there."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))
    holidays = LinesField(
        label=_("Closed on"),
        help_text=_("Dates such as 2026-12-25, one on each line."),
    )
    by_mail_is_on = _switch(
        _("Send answers on by mail"),
        _("If nobody has seen them in the chat and a mail address is known."),
    )
    by_mail_minutes = _whole(_("After minutes"), least=1, most=10_080)
    by_mail_gap_minutes = _whole(
        _("Minutes between two mails"),
        least=1,
        most=10_080,
        hint=_("Of one conversation; what comes meanwhile goes into the next mail."),
    )
    by_mail_most_messages = _whole(_("Most messages in one mail"), least=1, most=100)
    by_mail_channel_id = forms.TypedChoiceField(
        label=_("Mailbox"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Where these mails come from, and where answers to them go."),
    )
    tracks_visits = _switch(
        _("Show which pages somebody looked at"),
        _("Browsers that ask not to be tracked are left out."),
    )
    asks_rating = _switch(_("Ask how it was when a chat ends"))
    file_megabytes = _whole(
        _("Largest file, megabytes"), least=0, most=20, hint=_("0 takes no files.")
    )
    file_types = LinesField(
        label=_("File types"),
        help_text=_(
            "Endings such as pdf, one on each line. Empty takes all but programs. "
            "Voice notes end in webm, m4a or ogg."
        ),
    )
    unanswered_seconds = _whole(
        _("Unanswered after seconds"),
        least=5,
        most=86_400,
        hint=_("From then on agents see that a chat waits for its answer."),
    )

    def __init__(
        self,
        *args: Any,
        stored: Mapping[str, Any] | None = None,
        mailboxes: Iterable[tuple[int, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in RULE_FIELDS:
            label = RULES[name.partition("_")[2]]
            self.fields[name] = forms.BooleanField(label=label, required=False)
        self._choose("form_for", FORM_FOR)
        self._choose("time_zone", [(zone, zone.replace("_", " ")) for zone in _zones()])
        self._choose(
            "by_mail_channel_id", [("", _("The first of the brand")), *mailboxes]
        )
        self.initial = {**self._shown(stored or {}), **(self.initial or {})}

    def _choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def _shown(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored as the fields show it."""
        plain = asdict(chat_settings(stored))
        shown = {
            name: value_at(plain, path)
            for name, path in PATHS.items()
            if name in self.fields
        }
        shown["file_megabytes"] = shown["file_megabytes"] // MEGABYTE
        shown["greeting"] = [
            {"language": language, "text": text}
            for language, text in shown["greeting"].items()
        ]
        for row in shown.get("invitations", ()):
            row["attributes"] = lines_of(row["attributes"])
        return shown

    def clean_holidays(self) -> list[str]:
        days = self.cleaned_data["holidays"]
        for day in days:
            try:
                date.fromisoformat(day)
            except ValueError as error:
                words = _("“%s” is no date. Write it as 2026-12-25.") % day
                raise ValidationError(words) from error
        return sorted(date.fromisoformat(day).isoformat() for day in days)

    def clean_greeting(self) -> dict[str, str]:
        rows = self.cleaned_data["greeting"]
        greetings = {row["language"]: row["text"] for row in rows}
        if len(greetings) < len(rows):
            raise ValidationError(_("One language is there twice."))
        return greetings

    def clean_form_fields(self) -> list[dict[str, Any]]:
        rows = self.cleaned_data["form_fields"]
        taken = [row["name"] for row in rows if row["name"]]
        if len(set(taken)) < len(taken):
            raise ValidationError(_("Two questions have the same short name."))
        names = set(taken)
        for row in rows:
            row["name"] = row["name"] or name_of(row["label"], taken=names)
            names.add(row["name"])
        return list(rows)

    def clean_file_megabytes(self) -> int:
        return int(self.cleaned_data["file_megabytes"]) * MEGABYTE

    def clean_file_types(self) -> list[str]:
        found = [it.strip("*. ").lower() for it in self.cleaned_data["file_types"]]
        for ending in found:
            if not (ending.isascii() and ending.isalnum() and len(ending) <= 12):
                words = _("“%s” is no ending of a file. Write it as pdf or jpg.")
                raise ValidationError(words % ending)
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        has_questions = data.get("form_fields") or "form_fields" in self.errors
        if data.get("form_for") != "nobody" and not has_questions:
            self.add_error("form_fields", _("Add a question, or ask nobody."))
        return data


def _zones() -> list[str]:
    cities = {
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix", "right"))
    }
    return ["UTC", *sorted(cities)]
