"""What somebody types who plays a customer."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.core.files import safe_name
from helpdesk.demo.papers import Paper
from inbox.models import Channel

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_BYTES = 5 * 1024 * 1024


def _input(kind: type[forms.Widget], **attributes: str) -> forms.Widget:
    return kind(attrs={"class": "input", **attributes})


class _WithFile(forms.Form):
    text = forms.CharField(
        label=_("Message"), max_length=20_000, widget=_input(forms.Textarea, rows="6")
    )
    file = forms.FileField(label=_("File"), required=False)

    def clean_file(self) -> "UploadedFile[Any] | None":
        file: UploadedFile[Any] | None = self.cleaned_data.get("file")
        if file is not None and (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file may have five megabytes at most."))
        return file

    def papers(self) -> list[Paper]:
        """Return the file as it travels with the mail, if there is one."""
        file = self.cleaned_data.get("file")
        if file is None:
            return []
        kind = str(file.content_type or "")
        known = kind if kind.count("/") == 1 and kind.isascii() else ""
        return [
            Paper(
                name=safe_name(str(file.name)),
                content_type=known or "application/octet-stream",
                content=file.read(),
            )
        ]


class LetterForm(_WithFile):
    """A new mail to the desk."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        widget=_input(forms.TextInput),
    )
    address = forms.EmailField(
        label=_("Your address"), max_length=200, widget=_input(forms.EmailInput)
    )
    to = forms.ModelChoiceField(
        label=_("To"),
        queryset=Channel.objects.none(),
        empty_label=None,
        to_field_name="address",
        widget=_input(forms.Select),
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=300,
        required=False,
        widget=_input(forms.TextInput),
    )
    field_order = ("name", "address", "to", "subject", "text", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = Channel.objects.active().filter(kind="email").order_by("id")
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = channels

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip().lower()
        if not address.isascii():
            raise forms.ValidationError(_("Use plain letters in the address."))
        return address


class AnswerForm(_WithFile):
    """An answer to a mail that came from the desk."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=20_000,
        widget=_input(forms.Textarea, rows="4"),
    )
