"""Which agents are at the desk right now.

A tab that is open says so every half minute, in Valkey; losing it costs that long.
"""

import time
from typing import Any, Final

import redis
from django.db.models import Q, QuerySet

from helpdesk.accounts.models import User
from helpdesk.accounts.roles import Role
from helpdesk.core.doorbell import valkey
from inbox.models import Channel

ONLINE_KEY: Final = "agents:online"
"""A sorted set: `<agent>:<socket>`, by when it was last heard of."""
ONLINE_SECONDS: Final = 70


def agents_online() -> set[int]:
    """Return whose desk is open somewhere; nobody while Valkey is away."""
    since = time.time() - ONLINE_SECONDS
    try:
        tabs: Any = valkey().zrangebyscore(ONLINE_KEY, since, "+inf")
    except redis.RedisError:
        return set()
    return {int(tab.partition(b":")[0]) for tab in tabs}


def agents_there(channel: Channel) -> QuerySet[User]:
    """Return who could answer on this channel at once, by name."""
    there = User.objects.able_to_reply().filter(
        pk__in=agents_online(), is_available=True
    )
    if channel.team is not None and channel.team.is_private:
        there = there.filter(Q(teams=channel.team_id) | Q(role=Role.ADMIN)).distinct()
    return there.order_by("name", "id")
