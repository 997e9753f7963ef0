"""Form fields that more than one kind of channel is set up with."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

LOOK_AT_ROWS = _("Look at what is marked below.")
HALF_SPAN = _("Fill in both times of a span, or none of them.")
BACKWARDS = _("A span has to end after it begins.")
OVERLAP = _("The second span has to begin after the first has ended.")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
SPANS = 2
"""Of one day: before and after lunch."""


class SecretField(forms.CharField):
    """Goes in and never comes out; empty means: as it is."""

    def __init__(self, *, label: Any, **options: Any) -> None:
        widget = forms.PasswordInput(
            render_value=False,
            attrs={"autocomplete": "new-password", "spellcheck": "false"},
        )
        options = {"required": False, "strip": True, "max_length": 4000, **options}
        super().__init__(label=label, widget=widget, **options)


class LinesField(forms.CharField):
    """Several values, one on each line."""

    def __init__(self, *, label: Any, rows: int = 3, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        super().__init__(label=label, widget=widget, required=False, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        words = (line.strip() for line in str(text).replace(",", "\n").splitlines())
        return list(dict.fromkeys(word for word in words if word))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class _DrawnWidget(forms.Widget):
    """Drawn by a template of ours, which Django's own renderer does not look for."""

    def _render(
        self, template_name: str, context: dict[str, Any], renderer: Any = None
    ) -> SafeString:
        return render_to_string(template_name, context)


class RowsWidget(_DrawnWidget):
    """Rows of one small form each; its value is the bound formset."""

    template_name = "admin/widgets/rows.html"

    def __init__(self, row_form: type[forms.Form], *, add: Any, most: int) -> None:
        super().__init__()
        self.row_form, self.add, self.most = row_form, add, most

    @property
    def _formset_class(self) -> "type[BaseFormSet[forms.Form]]":
        return formset_factory(
            self.row_form,
            extra=1,
            can_delete=True,
            max_num=self.most,
            validate_max=True,
        )

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> "BaseFormSet[forms.Form]":
        return self._formset_class(data, prefix=name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-TOTAL_FORMS" not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        is_formset = isinstance(value, BaseFormSet)
        formset = (
            value
            if is_formset
            else self._formset_class(prefix=name, initial=list(value or ()))
        )
        return {**context, "formset": formset, "add": self.add}

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return ""


class RowsField(forms.Field):
    """Gives a list of what each row of `row_form` says; empty rows are left out."""

    def __init__(
        self,
        *,
        row_form: type[forms.Form],
        add: Any,
        most: int = 20,
        **options: Any,
    ) -> None:
        widget = RowsWidget(row_form, add=add, most=most)
        super().__init__(required=False, widget=widget, **options)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """:raises ValidationError: if a row is not right; the row says how"""
        if not value.is_valid():
            said = [str(each) for each in value.non_form_errors()]
            raise ValidationError(said or [str(LOOK_AT_ROWS)])
        return [
            {k: v for k, v in row.cleaned_data.items() if k != "DELETE"}
            for row in value.forms
            if row.cleaned_data and not row.cleaned_data.get("DELETE")
        ]

    def has_changed(self, initial: Any, data: Any) -> bool:
        if not data.is_valid():
            return True
        return self.clean(data) != [dict(row) for row in initial or ()]


class WeekWidget(_DrawnWidget):
    """A grid of seven days with up to two spans of time each."""

    template_name = "admin/widgets/week.html"

    def __init__(self, days: Sequence[tuple[str, Any]]) -> None:
        super().__init__()
        self.days = days

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> dict[str, list[list[str]]]:
        return {
            day: [
                [
                    str(data.get(f"{name}_{day}_{number}_{end}", "")).strip()[:5]
                    for end in ("from", "to")
                ]
                for number in range(SPANS)
            ]
            for day, _label in self.days
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}_{self.days[0][0]}_0_from" not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        days = value if isinstance(value, Mapping) else {}
        rows = [
            {
                "key": day,
                "label": label,
                "spans": _padded(days.get(day)),
            }
            for day, label in self.days
        ]
        return {**context, "name": name, "days": rows}

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return ""


class WeekField(forms.Field):
    """Opening hours of a week: `{"mon": [["09:00", "12:00"]]}`."""

    def __init__(self, *, days: Sequence[tuple[str, Any]], **options: Any) -> None:
        self._labels = dict(days)
        super().__init__(required=False, widget=WeekWidget(days), **options)

    def clean(self, value: Any) -> dict[str, list[list[str]]]:
        """:raises ValidationError: if a span is no span; it names the day"""
        week = _filled_days(value)
        for day, spans in week.items():
            if words := _problem(spans):
                raise ValidationError(f"{self._labels[day]}: {words}")
        return week

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {
            day: [list(span) for span in spans]
            for day, spans in (initial or {}).items()
        }
        return _filled_days(data) != before


def _filled_days(week: Mapping[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    days = {day: [span for span in spans if any(span)] for day, spans in week.items()}
    return {day: spans for day, spans in days.items() if spans}


def _padded(spans: Any) -> list[list[str]]:
    known = [[str(start), str(end)] for start, end in spans or ()][:SPANS]
    return [*known, *([["", ""]] * (SPANS - len(known)))]


def _problem(spans: list[list[str]]) -> Any:
    if not all(_TIME.fullmatch(time) for span in spans for time in span):
        return HALF_SPAN
    if any(end <= start for start, end in spans):
        return BACKWARDS
    is_in_order = all(before[1] <= after[0] for before, after in pairwise(spans))
    return "" if is_in_order else OVERLAP
