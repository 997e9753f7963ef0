"""Whether the customer is there to read along.

An app above the inbox knows who is on a site; it declares here how to ask.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from inbox.models import Conversation

LastSeen = Callable[[Conversation], datetime | None]
GONE_AFTER = timedelta(minutes=2)
"""A page that is open says so more often than this."""
_ways_to_ask: list[LastSeen] = []


def declare_last_seen(ask: LastSeen) -> None:
    """Say how to find out when the customer of a chat was last there."""
    if ask not in _ways_to_ask:
        _ways_to_ask.append(ask)


def left_at(conversation: Conversation, *, now: datetime) -> datetime | None:
    """Return when the customer left; None while they are there, or nobody knows.

    Whoever wrote a moment ago is there, without asking.
    """
    wrote_at = conversation.waiting_since
    if wrote_at is not None and now - wrote_at < GONE_AFTER:
        return None
    seen = [at for ask in _ways_to_ask if (at := ask(conversation)) is not None]
    if not seen or now - max(seen) < GONE_AFTER:
        return None
    return max(seen)
