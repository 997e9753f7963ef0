"""Everything `accounts` announces, in the past tense."""

from dataclasses import dataclass

from helpdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAccessChanged(Event):
    """What an agent may see or do is different now, or they may not sign in."""

    agent_id: int
