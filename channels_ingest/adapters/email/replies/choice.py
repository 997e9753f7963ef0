"""Choose between the two bodies that most mail has."""

from typing import Literal

from channels_ingest.adapters.email.replies.html import split_html
from channels_ingest.adapters.email.replies.text import split_text

Preference = Literal["text", "html"]


def reply_of(*, text: str | None, html: str | None, prefer: Preference) -> str:
    """Return what the sender wrote as text, without history and signature.

    :param prefer: the body to start from; the other one serves if it says nothing
    """
    first, second = (html, text) if prefer == "html" else (text, html)
    readers = (_from_html, _from_text) if prefer == "html" else (_from_text, _from_html)
    return readers[0](first or "") or readers[1](second or "")


def _from_text(text: str) -> str:
    return split_text(text).visible


def _from_html(html: str) -> str:
    return split_html(html).visible_text if html.strip() else ""
