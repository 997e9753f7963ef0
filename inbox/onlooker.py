"""An agent as far as it decides what a query asks."""

from helpdesk.accounts.models import Sight, User


class Onlooker:
    """Equal ones see the same conversations, so they share a prepared query."""

    __slots__ = ("_key", "agent")

    def __init__(self, agent: User) -> None:
        self.agent = agent
        by_closed = agent.sight == Sight.ALL
        teams = agent.closed_team_ids if by_closed else agent.own_team_ids
        self._key = (agent.pk, agent.role, agent.sight, agent.is_active, *teams)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Onlooker) and self._key == other._key
