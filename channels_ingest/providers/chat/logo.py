"""The logo of a chat that was uploaded: checked here, kept with all other files."""

import hashlib
from typing import Any, Final

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from helpdesk.core.files import raster_type

MOST_BYTES: Final = 256 * 1024
NO_PICTURE = _("This is no picture of the kinds PNG, JPEG, GIF or WebP.")
TOO_LARGE = _("This picture is too large. It may have 256 kB at most.")


class KeptLogo:
    """What the form shows of the logo that is there."""

    def __init__(self, *, channel_key: str, stored_name: str) -> None:
        self.url = logo_path(channel_key=channel_key, stored_name=stored_name)

    def __str__(self) -> str:
        return str(_("The logo that is used now"))


class LogoField(forms.FileField):
    """A picture that cannot hold a script, by what its bytes say."""

    widget = AdminFileWidget

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile):
            _check(file)
        return file


def logo_path(*, channel_key: str, stored_name: str) -> str:
    """Return where the logo is shown: another logo has another address."""
    return reverse("chat:logo", args=[channel_key, logo_version(stored_name)])


def logo_version(stored_name: str) -> str:
    """Return what a logo is named by, which does not tell where it is kept."""
    return hashlib.sha256(stored_name.encode()).hexdigest()[:16]


def _check(file: "UploadedFile[bytes]") -> None:
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(TOO_LARGE)
    if not raster_type(file.read(16)):
        raise ValidationError(NO_PICTURE)
    file.seek(0)
