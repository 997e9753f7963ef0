"""What is set up for a company's own app: all but the looks, which are the app's."""

from channels_ingest.providers.chat.forms import ChatSettingsForm


class ApiSettingsForm(ChatSettingsForm):
    """A channel that an app of the company's own speaks to."""
