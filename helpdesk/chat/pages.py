"""The page of a site that a visitor looks at, as far as we want to know it.

Addresses may carry secrets behind the question mark, so nothing from there on is kept;
and what is not one of the site's own pages is nothing that we want to show or keep.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from helpdesk.chat.claims import ClaimInvalid, read_name
from helpdesk.chat.origins import is_allowed_origin, origin_of

MAX_URL: Final = 500
MAX_TYPED_URL: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the site: plain text both."""

    title: str
    url: str


def read_page(title: object, url: object, *, domains: Collection[str]) -> Page | None:
    """Return the page, or None if it is none of the site's own."""
    if not isinstance(url, str) or len(url) > MAX_TYPED_URL:
        return None
    if not is_allowed_origin(url, domains=domains):
        return None
    bare = _bare(url)
    try:
        name = read_name(title)
    except ClaimInvalid:
        name = ""
    return Page(title=name or bare, url=bare) if bare else None


def bare_address(url: object) -> str:
    """Return an address of any site as far as it may be kept; empty if it is none."""
    is_short = isinstance(url, str) and len(url) <= MAX_TYPED_URL
    return _bare(str(url)) if is_short and origin_of(str(url)) else ""


def wants_no_traces(*, do_not_track: str, privacy_control: str) -> bool:
    """Whether a browser's headers ask not to be followed around."""
    return "1" in (do_not_track.strip(), privacy_control.strip())


def _bare(url: str) -> str:
    """Return the address without name, password, query and fragment."""
    try:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2].lower()
        bare = urlunsplit((parts.scheme, place, parts.path or "/", "", ""))
    except ValueError:
        return ""
    is_plain = bare.isprintable() and " " not in bare
    return bare[:MAX_URL] if is_plain else ""
