"""What agents say about people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import Customer


class NotesForm(forms.Form):
    notes = forms.CharField(
        required=False, max_length=20_000, widget=forms.Textarea, strip=False
    )


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """The facts about one person that agents may write."""

    class Meta:
        model = Customer
        fields = ("name", "company", "location", "notes")
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


class MergeForm(forms.Form):
    """With whom, and whether it is the same person."""

    ANSWERS = (("merge", _("Merge")), ("different", _("Not the same")))
    answer = forms.ChoiceField(choices=ANSWERS)
