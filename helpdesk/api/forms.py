"""What an admin fills in for a webhook, and since when one is told anew."""

from typing import Any

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from helpdesk.api.models import EventType, WebhookEndpoint
from helpdesk.core.http import url_allowed
from inbox.models import Channel

CHAT_KINDS = ("webchat", "api")


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    """An address that takes webhooks, and what it wants to hear."""

    url = forms.URLField(
        label=_("Address"),
        max_length=2000,
        assume_scheme="https",
        help_text=_("Of your own server: what happens is posted there, signed."),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=EventType.choices,
        initial=list(EventType.values),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("url", "channel", "events", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chats = Channel.objects.filter(kind__in=CHAT_KINDS).order_by("name", "id")
        self.fields["channel"].queryset = chats  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        """Refuse at once what would be refused at every try."""
        url = str(self.cleaned_data["url"])
        if not url_allowed(url):
            raise ValidationError(
                _(
                    "This desk may not reach that address. It has to be on the public "
                    "internet, or be listed in TRIBUTARY_PRIVATE_HOSTS."
                )
            )
        return url


class ReplayForm(ActionForm):
    """Beside the choice of an action: since when."""

    since = forms.DateTimeField(
        label=_("Since"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
