"""What a chat carries beside its words: all of it was typed or told by somebody else.

It is read as plain words. An address becomes a link only if it is one of the web.
"""

from typing import Any
from urllib.parse import urlsplit

from django.utils.dateparse import parse_datetime

Words = dict[str, Any]
MOST_ANSWERS = 50
MOST_PAGES = 100


def form_of(value: object) -> list[Words]:
    """Return the answers of a form: what was asked, and what was written."""
    return [
        {"label": text_of(it.get("label")), "value": text_of(it.get("value"))}
        for it in _mappings(value)[:MOST_ANSWERS]
        if text_of(it.get("value"))
    ]


def pages_of(value: object) -> list[Words]:
    """Return the pages of a visit in their order, with the time of each."""
    shown = (_page_at(it) for it in _mappings(value)[-MOST_PAGES:])
    return [page for page in shown if page]


def _page_at(value: Words) -> Words | None:
    page = page_of(value)
    if page is None:
        return None
    try:
        at = parse_datetime(text_of(value.get("at")))
    except ValueError:
        at = None
    return page | {"at": at}


def page_of(value: object) -> Words | None:
    """Return a page by its title and address, None if nothing is said of it."""
    if not isinstance(value, dict):
        return None
    url, title = text_of(value.get("url")), text_of(value.get("title"))
    if not (url or title):
        return None
    return {
        "title": title or url,
        "address": url,
        "url": url if is_of_the_web(url) else "",
    }


def is_of_the_web(url: str) -> bool:
    """Whether a link may lead there: http and https, and nothing that runs."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def text_of(value: object) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"  # noqa: RUF001 - a dash, as of an empty box
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _mappings(value: object) -> list[Words]:
    listed = value if isinstance(value, list) else []
    return [it for it in listed if isinstance(it, dict)]
