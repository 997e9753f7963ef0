"""Where a visitor who has left finds the chat again: the page that they wrote from.

That page is what their browser said, so it is only named where an admin has allowed
the chat to stand. The link opens nothing by itself: the widget there shows whoever
follows it their own conversations, and nobody else's.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

from channels_ingest.providers.chat.cleaning import is_local
from channels_ingest.providers.chat.settings import chat_settings
from helpdesk.chat.models import Visitor
from helpdesk.chat.origins import is_allowed_origin, origin_of
from helpdesk.chat.pages import read_page
from helpdesk.chat.queries import items_shown_to
from inbox.models import Conversation, Direction

USUAL_NAMES = (
    *("www", "shop", "store", "app", "my", "account", "portal"),
    *("help", "support", "docs", "blog", "m"),
)
"""Hosts that many sites have: their names tell a reader nothing."""


def way_back(visitor: Visitor, *, conversation: Conversation) -> str:
    """Return the address of the page they last wrote from; empty if there is none.

    Without query and fragment, and only if it is one of the channel's own sites.
    """
    url = _last_page(visitor, conversation=conversation)
    domains = chat_settings(visitor.channel.config).domains
    page = read_page("", url, domains=domains)
    if page is None or not _is_safe(page.url):
        return ""
    return iri_to_uri(page.url) or ""


def front_door(url: str, *, domains: Collection[str]) -> str:
    """Return the first page of the site that a page is on; empty if there is none.

    A path can be made to say anything; so can the name of a host where all below a
    domain are allowed. Of those only usual names are given back; for any other there
    is the domain itself, if the chat may stand there too.
    """
    origin = origin_of(url)
    named = {each for each in domains if "*" not in each}
    wild = [each for each in domains if each.startswith("*.")]
    usual = [each.replace("*", name, 1) for each in wild for name in USUAL_NAMES]
    if is_allowed_origin(origin, domains=[*named, *usual]):
        return f"{origin}/"
    above = (each.removeprefix("*.") for each in wild if _is_below(origin, each))
    home = next((each for each in above if each in named), "")
    return f"{urlsplit(origin).scheme}://{home}/" if home else ""


def _is_below(origin: str, domain: str) -> bool:
    return is_allowed_origin(origin, domains=[domain])


def _last_page(visitor: Visitor, *, conversation: Conversation) -> object:
    written = items_shown_to(visitor, conversation=conversation).filter(
        direction=Direction.INBOUND,
        channel_id=visitor.channel_id,
        payload__page__url__gt="",
    )
    return written.order_by("-seq").values_list("payload__page__url", flat=True).first()


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or is_local(parts.hostname or "")
