"""What an admin sets for a channel, whatever its kind."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from channels_ingest.adapters.email.forms import EmailSettingsForm, LinesField
from channels_ingest.adapters.email.writing_config import config_from
from inbox.models import Channel

TAKEN = _("“%s” already belongs to another channel.")
NO_ADDRESS = _("“%s” is no mail address.")
LONGEST_UNDO = 120


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """What all channels have in common."""

    aliases = LinesField(
        label=_("Other addresses"),
        help_text=_("Mail to these comes in here, too. One on each line."),
    )

    class Meta:
        model = Channel
        fields = (
            *("name", "address", "aliases", "is_active", "brand", "team"),
            *("sender_name", "continuity", "continuity_hours", "undo_seconds"),
            *("reply_within_minutes", "acknowledges", "acknowledgement"),
        )
        widgets = {"acknowledgement": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "address": _("What customers write to, such as support@example.com."),
            "continuity": _(
                "When a message that answers nothing joins the customer's open topic."
            ),
            "undo_seconds": _("How long a reply can be taken back; up to 120."),
            "acknowledgement": _(
                "Plain text. Nothing of what the sender wrote is ever part of it."
            ),
        }

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip().lower()
        self._check_free([address])
        return address

    def clean_aliases(self) -> list[str]:
        aliases = [str(each).lower() for each in self.cleaned_data["aliases"]]
        self._check_free(aliases)
        return [each for each in aliases if each != self.cleaned_data.get("address")]

    def clean_undo_seconds(self) -> int:
        seconds = int(self.cleaned_data["undo_seconds"])
        if seconds > LONGEST_UNDO:
            raise ValidationError(_("Choose 120 seconds or less."))
        return seconds

    def _check_free(self, addresses: list[str]) -> None:
        taken: set[str] = set()
        others = Channel.objects.exclude(pk=self.instance.pk)
        for address, aliases in others.values_list("address", "aliases"):
            taken |= {address.lower(), *(str(each).lower() for each in aliases or ())}
        for address in addresses:
            self._check_form(address)
            if address in taken:
                raise ValidationError(TAKEN % address)

    def _check_form(self, address: str) -> None:
        """Adapters whose addresses are of another kind say so here."""


class EmailChannelForm(EmailSettingsForm, ChannelForm):
    """A mail channel: the common part, and how mail comes in and goes out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        stored = (instance.config or {}) if instance is not None else {}
        super().__init__(*args, stored=stored, **kwargs)

    def _check_form(self, address: str) -> None:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(NO_ADDRESS % address) from error

    def configure(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the config to keep, given the one that is kept now."""
        return config_from(self, stored=stored)


FORMS: dict[str, type[EmailChannelForm]] = {"email": EmailChannelForm}
"""Which form sets up which kind of channel."""
