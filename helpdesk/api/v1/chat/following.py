"""Whether it may be noted on which pages somebody is."""

from rest_framework.request import Request

from channels_ingest.providers.chat.settings import ChatSettings
from helpdesk.chat.pages import wants_no_traces


def may_be_followed(request: Request, settings: ChatSettings) -> bool:
    """Whether the channel notes pages, and this browser does not object to it."""
    return settings.tracks_visits and not wants_no_traces(
        do_not_track=request.headers.get("DNT", ""),
        privacy_control=request.headers.get("Sec-GPC", ""),
    )
