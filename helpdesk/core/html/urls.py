"""Which addresses a link or a picture in somebody else's HTML may have."""

import re
from urllib.parse import unquote

from helpdesk.core.html.policy import LINK_SCHEMES, MAX_DATA_IMAGE, MAX_URL

# Browsers drop these before they look for the scheme.
_IGNORED = re.compile(r"[\x00-\x20\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_EDGES = "".join(map(chr, range(33)))
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SLASHES = re.compile(r"[/\\]*")
_RASTER = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=]+", re.IGNORECASE
)


def safe_link(url: str) -> str:
    """Return `url` as an absolute address that may be followed, or ""."""
    url = url.strip(_EDGES)
    if len(url) > MAX_URL:
        return ""
    if url.startswith(("//", "\\\\")):
        return _web_address("https", url)
    bare = _IGNORED.sub("", url)
    match = _SCHEME.match(bare)
    scheme = match.group(1).lower() if match else ""
    if scheme not in LINK_SCHEMES:
        return ""
    rest = _without_breaks(url).partition(":")[2]
    return _web_address(scheme, rest) if scheme[0] == "h" else f"{scheme}:{rest}"


def safe_image(url: str) -> str:
    """Return `url` if it is a web address of a picture, or a small raster one."""
    url = url.strip(_EDGES)
    if url[:5].lower() == "data:":
        return _small_raster(url)
    link = safe_link(url)
    return link if link.startswith("http") else ""


def content_id(url: str) -> str:
    """Return the content id that a `cid:` address names, or ""."""
    url = url.strip(_EDGES)
    if url[:4].lower() != "cid:" or len(url) > MAX_URL:
        return ""
    return unquote(url[4:]).strip(" <>")


def _web_address(scheme: str, rest: str) -> str:
    # "https:admin/" would be relative to the page it is shown on.
    rest = _without_breaks(rest)
    end = _SLASHES.match(rest)
    rest = rest[end.end() :] if end else rest
    return f"{scheme}://{rest.replace(' ', '%20')}" if rest else ""


def _without_breaks(url: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "", url)


def _small_raster(url: str) -> str:
    if len(url) > MAX_DATA_IMAGE:
        return ""
    url = re.sub(r"\s", "", url)
    return url if _RASTER.fullmatch(url) else ""
