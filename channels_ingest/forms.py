"""What an admin sets for a channel: the common part, and one form for each kind."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from channels_ingest.adapters.api.forms import ApiSettingsForm
from channels_ingest.adapters.email.forms import EmailSettingsForm
from channels_ingest.adapters.email.writing_config import config_from
from channels_ingest.adapters.webchat.forms import WebchatSettingsForm
from channels_ingest.form_fields import LinesField
from channels_ingest.providers.chat.config import chat_config_from, new_channel_key
from channels_ingest.providers.chat.forms import ChatSettingsForm
from channels_ingest.providers.chat.logo import KeptLogo
from channels_ingest.providers.chat.settings import chat_settings
from inbox.models import Channel
from inbox.models.channel import Continuity

TAKEN = _("“%s” already belongs to another channel.")
NO_ADDRESS = _("“%s” is no mail address.")
LONGEST_UNDO = 120


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """What all channels have in common."""

    kind: ClassVar[str]

    class Meta:
        model = Channel
        fields: tuple[str, ...] = (
            *("name", "is_active", "brand", "team"),
            *("undo_seconds", "reply_within_minutes"),
        )
        help_texts = {
            "undo_seconds": _("How long a reply can be taken back; up to 120."),
        }

    def clean_undo_seconds(self) -> int:
        seconds = int(self.cleaned_data["undo_seconds"])
        if seconds > LONGEST_UNDO:
            raise ValidationError(_("Choose 120 seconds or less."))
        return seconds

    def configure(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the config to keep, given the one that is kept now."""
        return dict(stored)

    def new_logo(self) -> bytes | None:
        """Return what `save_channel` takes as the logo."""
        return None


class EmailChannelForm(EmailSettingsForm, ChannelForm):
    """A mail channel: the common part, and how mail comes in and goes out."""

    kind = "email"
    aliases = LinesField(
        label=_("Other addresses"),
        help_text=_("Mail to these comes in here, too. One on each line."),
    )

    class Meta(ChannelForm.Meta):
        fields = (
            *("name", "address", "aliases", "is_active", "brand", "team"),
            *("sender_name", "continuity", "continuity_hours", "undo_seconds"),
            *("reply_within_minutes", "acknowledges", "acknowledgement"),
        )
        widgets = {"acknowledgement": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            **ChannelForm.Meta.help_texts,
            "address": _("What customers write to, such as support@example.com."),
            "continuity": _(
                "When a message that answers nothing joins the customer's open topic."
            ),
            "acknowledgement": _(
                "Plain text. Nothing of what the sender wrote is ever part of it."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, stored=_stored(kwargs), **kwargs)

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip().lower()
        self._check_free([address])
        return address

    def clean_aliases(self) -> list[str]:
        aliases = [str(each).lower() for each in self.cleaned_data["aliases"]]
        self._check_free(aliases)
        return [each for each in aliases if each != self.cleaned_data.get("address")]

    def _check_free(self, addresses: list[str]) -> None:
        taken: set[str] = set()
        others = Channel.objects.exclude(pk=self.instance.pk)
        for address, aliases in others.values_list("address", "aliases"):
            taken |= {address.lower(), *(str(each).lower() for each in aliases or ())}
        for address in addresses:
            _check_mail_address(address)
            if address in taken:
                raise ValidationError(TAKEN % address)

    def configure(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        return config_from(self, stored=stored)


class _OfChat(ChatSettingsForm):
    """A chat: its key is made by us, and an answer is there at once."""

    kind: ClassVar[str]
    instance: Channel

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        stored = _stored(kwargs)
        super().__init__(*args, stored=stored, mailboxes=_mailboxes(), **kwargs)
        if not self.instance.pk:
            self.initial["undo_seconds"] = 0
            self.instance.kind = self.kind
            self.instance.address = new_channel_key()
            self.instance.continuity = Continuity.NEVER

    def configure(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        return chat_config_from(self.cleaned_data, stored=stored)


class WebchatChannelForm(_OfChat, WebchatSettingsForm, ChannelForm):
    """The widget on a company's own pages."""

    kind = "webchat"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = chat_settings(self.instance.config or {}).logo_file
        if kept:
            key = self.instance.address
            self.initial["logo"] = KeptLogo(channel_key=key, stored_name=kept)

    def new_logo(self) -> bytes | None:
        given = self.cleaned_data.get("logo")
        content: bytes | None = b"" if given is False else None
        if isinstance(given, UploadedFile):
            content = given.read()
        return content


class ApiChannelForm(_OfChat, ApiSettingsForm, ChannelForm):
    """A company's own app or system."""

    kind = "api"


def _stored(kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
    instance = kwargs.get("instance")
    return (instance.config or {}) if instance is not None else {}


def _mailboxes() -> list[tuple[int, str]]:
    mailboxes = Channel.objects.active().filter(kind="email").order_by("name", "id")
    return [(each.pk, f"{each.name} ({each.address})") for each in mailboxes]


def _check_mail_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(NO_ADDRESS % address) from error


FORMS: dict[str, type[ChannelForm]] = {
    form.kind: form for form in (EmailChannelForm, WebchatChannelForm, ApiChannelForm)
}
"""Which form sets up which kind of channel."""
