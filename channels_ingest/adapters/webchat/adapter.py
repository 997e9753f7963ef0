"""The chat widget on a company's own pages."""

from channels_ingest.providers.chat.adapter import FetchedAdapter


class WebchatAdapter(FetchedAdapter):
    kind = "webchat"
    label = "Web chat"
