"""Everything `accounts` announces, in the past tense."""

from dataclasses import dataclass

from helpdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAccessChanged(Event):
    """What an agent may see or do is different now, or they may not sign in."""

    agent_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDeactivated(Event):
    """An agent is let in no longer: what was theirs to do is somebody else's now."""

    agent_id: int
