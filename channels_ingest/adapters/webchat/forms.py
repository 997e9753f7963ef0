"""Where the widget stands, how it looks, and when it speaks first."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels_ingest.form_fields import LinesField, RowsField
from channels_ingest.providers.chat.cleaning import (
    COLOR,
    NoDomain,
    NotEncrypted,
    domain_of,
    is_image_address,
)
from channels_ingest.providers.chat.forms import ChatSettingsForm
from channels_ingest.providers.chat.logo import LogoField
from channels_ingest.providers.chat.rows import InvitationRow

MOST_DOMAINS = 50
POSITIONS = [
    ("end", _("At the end of the line (right in English)")),
    ("start", _("At the beginning of the line (left in English)")),
]
SCHEMES = [
    ("auto", _("As the visitor's system")),
    ("light", _("Always light")),
    ("dark", _("Always dark")),
]
NO_DOMAIN = _("“%s” is no domain. Write it as shop.example or *.shop.example.")
NOT_ENCRYPTED = _("“%s” is not encrypted. Only sites with https can have the chat.")


class WebchatSettingsForm(ChatSettingsForm):
    """The widget on a company's own pages."""

    domains = LinesField(
        label=_("Sites it may stand on"),
        rows=4,
        help_text=_(
            "One on each line: shop.example, *.shop.example for all below it, or "
            "localhost:8000 to try it. Nowhere else does the chat open."
        ),
    )
    color = forms.CharField(
        label=_("Color"),
        widget=forms.TextInput(
            attrs={
                "type": "color",
                "data-contrast": "",
                "data-readable": _("Text on it is white"),
                "data-pale": _("Text on it is black, since white is hard to read"),
            }
        ),
        help_text=_("Of the button and of what your visitors write."),
    )
    position = forms.ChoiceField(label=_("Corner"), choices=POSITIONS)
    radius = forms.IntegerField(
        label=_("Roundness"),
        min_value=0,
        max_value=32,
        help_text=_("0 is square, 18 is round, 32 is very round."),
    )
    scheme = forms.ChoiceField(label=_("Light or dark"), choices=SCHEMES)
    logo = LogoField(
        label=_("Logo"),
        required=False,
        help_text=_("A square picture: PNG, JPEG, GIF or WebP, at most 256 kB."),
    )
    logo_url = forms.CharField(
        label=_("Or its address"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("Of a picture on your own site, with https, if none is uploaded."),
    )
    invitations = RowsField(
        label=_("Messages"),
        row_form=InvitationRow,
        add=_("Add a message"),
        help_text=_("Kept in the conversation only if somebody answers."),
    )
    has_sound = forms.BooleanField(
        label=_("Make a soft sound when an answer comes"), required=False
    )

    def clean_domains(self) -> list[str]:
        lines = self.cleaned_data["domains"]
        if len(lines) > MOST_DOMAINS:
            raise ValidationError(_("Fifty sites at most."))
        return list(dict.fromkeys(_domain(line) for line in lines))

    def clean_color(self) -> str:
        color = str(self.cleaned_data["color"]).strip().lower()
        if not COLOR.fullmatch(color):
            raise ValidationError(_("Write the color as #0f766e."))
        return color

    def clean_logo_url(self) -> str:
        url = str(self.cleaned_data["logo_url"]).strip()
        if url and not is_image_address(url):
            words = _("Write the whole address, with https:// and without spaces.")
            raise ValidationError(words)
        return url


def _domain(line: str) -> str:
    try:
        return domain_of(line)
    except NoDomain as error:
        raise ValidationError(NO_DOMAIN % line[:100]) from error
    except NotEncrypted as error:
        raise ValidationError(NOT_ENCRYPTED % line[:100]) from error
