"""Everything that chat announces, in the past tense. Ids only, never content."""

from dataclasses import dataclass

from helpdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorTyping(Event):
    """A visitor began or stopped writing; nothing of it is kept.

    Announced outside a transaction, for watchers alone.
    """

    conversation_id: int
    visitor_id: int
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenByAgent(Event):
    """An agent has looked at what a visitor wrote, up to a certain item.

    Only what visitors see is different; agents have been told before.
    """

    conversation_id: int
    seq: int
