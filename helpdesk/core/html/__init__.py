"""Make HTML from outside fit to show, and read it as text.

Nothing here needs Django, a database or the network, so that it can run in a
process of its own with a bound on memory.
"""

from helpdesk.core.html.compose import sanitize_compose
from helpdesk.core.html.links import linkify
from helpdesk.core.html.mail import (
    SafeHtml,
    allow_remote_images,
    place_inline_images,
    sanitize_mail,
)
from helpdesk.core.html.text import plain_text_of

__all__ = [
    "SafeHtml",
    "allow_remote_images",
    "linkify",
    "place_inline_images",
    "plain_text_of",
    "sanitize_compose",
    "sanitize_mail",
]
