"""Events that browsers are told of after the commit."""

from typing import Any, Final

from django.utils import timezone

from customers.events import CustomerChanged, CustomersMerged, MergeUndone
from helpdesk.accounts.events import AgentAccessChanged
from helpdesk.chat.events import (
    SeenByAgent,
    SeenByVisitor,
    VisitorAccessChanged,
    VisitorTyping,
)
from helpdesk.core.events import watch
from helpdesk.realtime.groups import (
    NO_TEAM,
    agent_group,
    chat_group,
    conversation_group,
    customer_group,
    groups_to_tell,
    visitor_group,
)
from helpdesk.realtime.publisher import publish, publish_later
from inbox.events import (
    ConversationChanged,
    ConversationStatusChanged,
    MessageReceived,
)
from inbox.models import Status

ECHO_SECONDS: Final = 0.3
"""After which the devices of somebody who wrote hear that it has arrived."""


@watch(ConversationChanged)
def tell_conversation_changed(event: ConversationChanged) -> None:
    groups = groups_to_tell(
        team_ids={event.team_id, *event.previous_team_ids},
        agent_ids={event.assignee_id, event.previous_assignee_id},
    )
    message = {
        "type": "conversation.changed",
        "id": event.conversation_id,
        "cursor": event.cursor,
    }
    theirs = chat_group(event.conversation_id)
    if event.is_by_customer:
        # Whoever wrote it sees it already: first those who have to answer.
        echo = {**message, "seq": event.cursor}
        publish_later({theirs}, echo, seconds=ECHO_SECONDS)
    elif not event.is_internal:
        # One message for both sides: visitors' sockets take of it what is theirs.
        groups.add(theirs)
    publish(groups, message)


@watch(MessageReceived)
def tell_other_devices(event: MessageReceived) -> None:
    """A visitor's other devices may not know of the conversation yet."""
    if event.is_fetched:
        publish(
            {customer_group(event.customer_id)},
            {"type": "customer.wrote", "id": event.conversation_id},
        )


@watch(ConversationStatusChanged)
def tell_visitors_of_status(event: ConversationStatusChanged) -> None:
    """For agents it is a line of the timeline; visitors see open or closed."""
    message: dict[str, Any] = {
        "type": "conversation.changed",
        "id": event.conversation_id,
    }
    if event.status == Status.SPAM:
        message = {"type": "access.changed"}
    publish({chat_group(event.conversation_id)}, message)


@watch(SeenByAgent)
def tell_seen(event: SeenByAgent) -> None:
    """Say it whole: it happens with every message, and there is no more to fetch."""
    if event.is_answer:
        return
    publish(
        {chat_group(event.conversation_id)},
        {
            "type": "conversation.seen",
            "id": event.conversation_id,
            "seq": event.seq,
            "at": timezone.now().isoformat(),
        },
    )


@watch(SeenByVisitor)
def tell_devices_what_was_seen(event: SeenByVisitor) -> None:
    """Nothing is unread on the visitor's other devices either."""
    publish(
        {chat_group(event.conversation_id)},
        {
            "type": "conversation.changed",
            "id": event.conversation_id,
            "seen_seq": event.seq,
        },
    )


@watch(VisitorTyping)
def tell_visitor_types(event: VisitorTyping) -> None:
    """Say it for a client without a socket; whose name it is, the page knows."""
    publish(
        {conversation_group(event.conversation_id)},
        {
            "type": "customer.typing",
            "conversation": event.conversation_id,
            "name": "",
            "on": event.is_on,
        },
    )


@watch(VisitorAccessChanged)
def tell_visitor_access_changed(event: VisitorAccessChanged) -> None:
    publish({visitor_group(event.visitor_id)}, {"type": "access.changed"})


@watch(CustomerChanged)
def tell_customer_changed(event: CustomerChanged) -> None:
    publish({NO_TEAM}, {"type": "customer.changed", "id": event.customer_id})


@watch(CustomersMerged)
def tell_customers_merged(event: CustomersMerged) -> None:
    publish({NO_TEAM}, {"type": "customer.changed", "id": event.kept_id})
    _tell_visitors_of(event.kept_id, event.absorbed_id)


@watch(MergeUndone)
def tell_merge_undone(event: MergeUndone) -> None:
    publish({NO_TEAM}, {"type": "customer.changed", "id": event.kept_id})
    _tell_visitors_of(event.kept_id, event.restored_id)


def _tell_visitors_of(*customer_ids: int) -> None:
    """What somebody proven may see follows their customer."""
    publish({customer_group(pk) for pk in customer_ids}, {"type": "access.changed"})


@watch(AgentAccessChanged)
def tell_access_changed(event: AgentAccessChanged) -> None:
    publish({agent_group(event.agent_id)}, {"type": "access.changed"})
