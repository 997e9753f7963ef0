"""Everything the inbox announces, in the past tense. Ids only, never content."""

from dataclasses import dataclass

from helpdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """Something a list or a timeline shows is different now."""

    conversation_id: int
    cursor: int
    """The newest item's number."""
    team_id: int | None = None
    assignee_id: int | None = None
    previous_team_ids: tuple[int | None, ...] = ()
    """The team it left, if it did; None in it means that it had none."""
    previous_assignee_id: int | None = None
    is_internal: bool = False
    """Nothing that the customer could see is different."""
    is_by_customer: bool = False
    """They wrote it themselves, by a channel that they fetch their messages from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRead(Event):
    """An agent has looked at everything up to a certain item."""

    conversation_id: int
    seq: int
    agent_id: int
    is_fetched: bool = False
    """The customer last wrote by a channel that they fetch their messages from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationStarted(Event):
    conversation_id: int
    item_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    conversation_id: int
    item_id: int
    customer_id: int
    is_first: bool
    nature: str
    deserves_acknowledgement: bool = False
    """A person wrote it, over a channel that answers by itself at first."""
    is_fetched: bool = False
    """It came by a channel that customers fetch their messages from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueued(Event):
    conversation_id: int
    item_id: int
    agent_id: int | None = None
    is_fetched: bool = False
    """It goes by a channel that customers fetch their messages from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Event):
    conversation_id: int
    item_id: int
    agent_id: int
    mentioned_agent_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChanged(Event):
    conversation_id: int
    item_id: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationAssigned(Event):
    conversation_id: int
    assignee_id: int | None
    previous_assignee_id: int | None
    actor_id: int | None
    cursor: int = 0
    """The newest item's number at that time: it tells one change from the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTeamChanged(Event):
    conversation_id: int
    team_id: int | None
    previous_team_id: int | None
    actor_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationStatusChanged(Event):
    conversation_id: int
    status: int
    previous_status: int
    actor_id: int | None
    cursor: int = 0
    """The newest item's number at that time: it tells one change from the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagDeleted(Event):
    """A tag is gone; for a while conversations still carry its id, shown nowhere."""

    tag_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPartlyCleared(Event):
    """Conversations up to a certain one carry a deleted tag no longer."""

    tag_id: int
    cleared_to: int
