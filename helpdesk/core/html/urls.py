"""Which addresses a link or a picture in somebody else's HTML may have."""

import re
from urllib.parse import unquote

from helpdesk.core.html.policy import LINK_SCHEMES, MAX_DATA_IMAGE, MAX_URL

# Browsers drop these before they look for the scheme.
_IGNORED = re.compile(r"[\x00-\x20\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_EDGES = "".join(map(chr, range(33)))
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_RASTER = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=]+", re.IGNORECASE
)


def safe_link(url: str) -> str:
    """Return `url` as an absolute address that may be followed, or ""."""
    url = url.strip(_EDGES)
    if len(url) > MAX_URL:
        return ""
    if url.startswith("//"):
        url = f"https:{url}"
    match = _SCHEME.match(_IGNORED.sub("", url))
    scheme = match.group(1).lower() if match else ""
    if scheme not in LINK_SCHEMES:
        return ""
    rest = re.sub(r"[\x00-\x1f\x7f]", "", url).partition(":")[2]
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
    # With fewer slashes it would be relative to the page it is shown on.
    host = rest.lstrip("/\\")
    if not host or len(rest) - len(host) < 2:
        return ""
    return f"{scheme}://{host.replace(' ', '%20')}"


def _small_raster(url: str) -> str:
    if len(url) > MAX_DATA_IMAGE:
        return ""
    url = re.sub(r"\s", "", url)
    return url if _RASTER.fullmatch(url) else ""
