"""Events that browsers are told of after the commit."""

from customers.events import CustomersMerged, MergeUndone
from helpdesk.accounts.events import AgentAccessChanged
from helpdesk.core.events import watch
from helpdesk.realtime.groups import NO_TEAM, agent_group, groups_to_tell
from helpdesk.realtime.publisher import publish
from inbox.events import ConversationChanged


@watch(ConversationChanged)
def tell_conversation_changed(event: ConversationChanged) -> None:
    publish(
        groups_to_tell(
            team_ids={event.team_id, *event.previous_team_ids},
            agent_ids={event.assignee_id, event.previous_assignee_id},
        ),
        {
            "type": "conversation.changed",
            "id": event.conversation_id,
            "cursor": event.cursor,
        },
    )


@watch(CustomersMerged)
def tell_customers_merged(event: CustomersMerged) -> None:
    publish({NO_TEAM}, {"type": "customer.changed", "id": event.kept_id})


@watch(MergeUndone)
def tell_merge_undone(event: MergeUndone) -> None:
    publish({NO_TEAM}, {"type": "customer.changed", "id": event.kept_id})


@watch(AgentAccessChanged)
def tell_access_changed(event: AgentAccessChanged) -> None:
    publish({agent_group(event.agent_id)}, {"type": "access.changed"})
