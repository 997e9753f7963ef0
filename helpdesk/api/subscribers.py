"""What happens in chats, told to webhooks; where there are none it costs a look."""

from helpdesk.accounts.models import User
from helpdesk.api.actions.deliveries import forget_told_of
from helpdesk.api.actions.telling import (
    tell_of_conversation,
    tell_of_message,
    tell_of_rating,
)
from helpdesk.api.listeners import is_anybody_told
from helpdesk.api.models import EventType
from helpdesk.api.v1.chat.showing import agent_as_json
from helpdesk.chat.events import (
    ChatRated,
    SeenByAgent,
    SeenByVisitor,
    VisitorAccessChanged,
)
from helpdesk.core.events import subscribe
from inbox.events import (
    ConversationAssigned,
    ConversationStatusChanged,
    DeliveryChanged,
    MessageQueued,
    MessageReceived,
)
from inbox.models import DeliveryState, Status


def _is_chat(event: MessageReceived | MessageQueued) -> bool:
    return event.is_fetched and is_anybody_told()


def _is_out(event: DeliveryChanged) -> bool:
    return event.state == DeliveryState.SENT and is_anybody_told()


def _is_told(event: ConversationStatusChanged) -> bool:
    was_over = event.previous_status >= Status.CLOSED
    return (was_over or event.status == Status.CLOSED) and is_anybody_told()


@subscribe(MessageReceived, when=_is_chat)
def tell_what_was_written(event: MessageReceived) -> None:
    tell_of_message(item_id=event.item_id, is_first=event.is_first)


@subscribe(MessageQueued, when=_is_chat)
def tell_what_was_answered(event: MessageQueued) -> None:
    """An answer that can still be taken back is told of once it cannot."""
    tell_of_message(item_id=event.item_id)


@subscribe(DeliveryChanged, when=_is_out)
def tell_what_is_out(event: DeliveryChanged) -> None:
    tell_of_message(item_id=event.item_id)


@subscribe(ConversationStatusChanged, when=_is_told)
def tell_of_status(event: ConversationStatusChanged) -> None:
    """What is put aside is open, as visitors see it; what is spam is nobody's."""
    if event.status > Status.CLOSED:
        return
    is_closed = event.status == Status.CLOSED
    tell_of_conversation(
        kind=EventType.CONVERSATION_CLOSED
        if is_closed
        else EventType.CONVERSATION_REOPENED,
        conversation_id=event.conversation_id,
        occasion=event.cursor,
    )


@subscribe(ConversationAssigned, when=is_anybody_told)
def tell_of_assignee(event: ConversationAssigned) -> None:
    agent = User.objects.filter(pk=event.assignee_id).first()
    tell_of_conversation(
        kind=EventType.CONVERSATION_ASSIGNED,
        conversation_id=event.conversation_id,
        occasion=event.cursor,
        agent=agent_as_json(agent),
    )


@subscribe(SeenByVisitor, when=is_anybody_told)
def tell_that_a_visitor_saw(event: SeenByVisitor) -> None:
    _tell_seen(event, by="visitor")


@subscribe(SeenByAgent, when=is_anybody_told)
def tell_that_an_agent_saw(event: SeenByAgent) -> None:
    _tell_seen(event, by="agent")


def _tell_seen(event: SeenByVisitor | SeenByAgent, *, by: str) -> None:
    tell_of_conversation(
        kind=EventType.MESSAGE_SEEN,
        conversation_id=event.conversation_id,
        occasion=f"{by}:{event.seq}",
        by=by,
        seq=event.seq,
    )


@subscribe(ChatRated, when=is_anybody_told)
def tell_how_it_went(event: ChatRated) -> None:
    tell_of_rating(conversation_id=event.conversation_id, occasion=event.at)


@subscribe(VisitorAccessChanged)
def forget_what_was_told(event: VisitorAccessChanged) -> None:
    """Whoever deletes their data deletes it here too."""
    forget_told_of(visitor_id=event.visitor_id)
