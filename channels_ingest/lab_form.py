"""What the mail lab asks for."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inbox.models import Channel


class LabForm(forms.Form):
    """A mail as a file or as text, and the channel that it would come in by."""

    channel = forms.ModelChoiceField(
        label=_("Comes in by"),
        queryset=Channel.objects.filter(kind="email").order_by("name", "id"),
        empty_label=None,
        widget=forms.Select(attrs={"class": "input"}),
    )
    file = forms.FileField(
        label=_("Mail as a file (.eml)"),
        required=False,
        widget=forms.FileInput(attrs={"class": "input"}),
    )
    source = forms.CharField(
        label=_("or its source"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"class": "input", "rows": 8, "spellcheck": "false"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file and file.size > settings.MAIL_MAX_BYTES:
            raise ValidationError(_("This file is larger than any mail we take."))
        raw = file.read() if file else str(cleaned.get("source", "")).encode()
        if not raw.strip():
            raise ValidationError(_("Choose a file or paste the source of a mail."))
        cleaned["raw"] = raw
        return cleaned
