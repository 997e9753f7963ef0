"""What the inbox does about things that happened elsewhere."""

from helpdesk.accounts.events import AgentDeactivated
from helpdesk.core.bells import RELEASE
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import subscribe
from inbox.actions.labels import clear_tag
from inbox.events import TagDeleted, TagPartlyCleared


@subscribe(AgentDeactivated)
def release_what_they_had(event: AgentDeactivated) -> None:
    """Have their conversations handed back soon; a ring that is lost comes again."""
    ring_after_commit(RELEASE)


@subscribe(TagDeleted)
def begin_to_clear(event: TagDeleted) -> None:
    clear_tag(tag_id=event.tag_id)


@subscribe(TagPartlyCleared)
def go_on_clearing(event: TagPartlyCleared) -> None:
    clear_tag(tag_id=event.tag_id, after=event.cleared_to)
