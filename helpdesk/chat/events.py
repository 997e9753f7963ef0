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
    is_answer: bool = False
    """They have answered: visitors are told of that anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenByForgotten(Event):
    """A message was on its way while its visitor deleted their data."""

    item_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenByVisitor(Event):
    """A visitor has looked at what we wrote, up to a certain item."""

    conversation_id: int
    seq: int
    was_continued: bool = False
    """Something of it was on its way by mail, for nobody had looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRated(Event):
    """A visitor has said how it went, or says something else about it now."""

    conversation_id: int
    at: str
    """When, to the microsecond: it tells one rating from the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorAccessChanged(Event):
    """A visitor's token was given up or replaced, or what they may see is different."""

    visitor_id: int
