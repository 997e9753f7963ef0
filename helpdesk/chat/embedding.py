"""Where a widget may stand and what its pages may load, as browsers are told."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings

from channels_ingest.providers.chat.cleaning import (
    NoDomain,
    NotEncrypted,
    domain_of,
    is_image_address,
    is_local,
)
from channels_ingest.providers.chat.settings import ChatSettings


def allowed_origins(domains: Iterable[str]) -> list[str]:
    """Return the origins that may show the panel, as sources of a policy.

    Pages elsewhere are only reached by https; on the visitor's own machine http will
    do. What is no domain is left out: nothing else can get into the header.
    """
    return list(dict.fromkeys(it for domain in domains for it in _origins_of(domain)))


def panel_policy(chat: ChatSettings) -> dict[str, list[str]]:
    """Return the directives of the panel's own Content-Security-Policy."""
    ours = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *_logo_origin(chat.logo_url)],
        "font-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "connect-src": list(ours["connect-src"]),
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'", *allowed_origins(chat.domains)],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }


def _origins_of(domain: str) -> Iterator[str]:
    try:
        host, _, port = domain_of(domain).partition(":")
    except (NoDomain, NotEncrypted):
        return
    schemes = ("https", "http") if is_local(host) else ("https",)
    for scheme in schemes:
        is_usual = (scheme, port) in {("https", "443"), ("http", "80")}
        shown = f":{port}" if port and not is_usual else ""
        yield f"{scheme}://{host}{shown}"


def _logo_origin(url: str) -> list[str]:
    return [f"https://{urlsplit(url).netloc.lower()}"] if is_image_address(url) else []
