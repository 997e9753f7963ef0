"""Everything `customers` announces, in the past tense."""

from dataclasses import dataclass

from helpdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(Event):
    """Something else is known, or said, of who they are."""

    customer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersMerged(Event):
    kept_id: int
    absorbed_id: int
    merge_id: int
    actor_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeUndone(Event):
    kept_id: int
    restored_id: int
    merge_id: int
    actor_id: int | None
