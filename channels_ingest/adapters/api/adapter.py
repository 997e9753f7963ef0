"""A company's own app or system, which speaks to us by the API."""

from channels_ingest.providers.chat.adapter import FetchedAdapter


class ApiAdapter(FetchedAdapter):
    kind = "api"
    label = "API"
