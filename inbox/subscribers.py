"""What the inbox does about things that happened elsewhere."""

from helpdesk.accounts.events import AgentDeactivated
from helpdesk.core.bells import RELEASE
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import subscribe


@subscribe(AgentDeactivated)
def release_what_they_had(event: AgentDeactivated) -> None:
    """Have their conversations handed back soon; a ring that is lost comes again."""
    ring_after_commit(RELEASE)
