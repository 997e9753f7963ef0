"""Who answers on a channel, as its visitors are told."""

from typing import Final

from django.db.models import QuerySet

from helpdesk.accounts.models import User
from inbox.models import Channel

MOST_SHOWN: Final = 5


def answering(channel: Channel) -> QuerySet[User]:
    """Return who answers there: the channel's team, or whoever may reply at all."""
    agents = User.objects.able_to_reply().exclude(name="")
    return agents.filter(teams=channel.team_id) if channel.team_id else agents


def people_of(channel: Channel) -> list[User]:
    """Return some of them, those who are available first."""
    return list(answering(channel).order_by("-is_available", "name", "id")[:MOST_SHOWN])
