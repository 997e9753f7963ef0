"""Whether a customer is still on the site, for whoever is about to answer."""

from datetime import datetime
from typing import Final

import redis
from django.db.models import QuerySet
from django.utils import timezone

from channels_ingest.providers.chat.settings import chat_settings
from customers.models import IdentityKind
from helpdesk.chat.attendance import last_there
from helpdesk.chat.models import Visitor
from helpdesk.core.prepared import Prepared
from inbox.models import Conversation

MOST_BROWSERS: Final = 5
"""Of one customer that are looked for, those seen last."""


def last_seen(conversation: Conversation) -> datetime | None:
    """Return when the customer was last on the site.

    None where that is not tracked, and while nobody can say.
    """
    browsers = [
        it
        for it in _noted(customer_id=conversation.customer_id)
        if chat_settings(it.channel.config).tracks_visits
    ]
    if not browsers:
        return None
    now = timezone.now()
    try:
        there = last_there([(it.pk, it.channel_id) for it in browsers], now=now)
    except redis.RedisError:
        return None
    return max(it for it in (there, browsers[0].last_seen_at) if it is not None)


@Prepared
def _noted(*, customer_id: int) -> QuerySet[Visitor]:
    """Return browsers whose pages are noted; whoever objects to it has none."""
    return (
        Visitor.objects.filter(
            identity__customer_id=customer_id, identity__kind=IdentityKind.CHAT
        )
        .exclude(page={})
        .select_related("channel")
        .order_by("-last_seen_at", "-id")[:MOST_BROWSERS]
    )
