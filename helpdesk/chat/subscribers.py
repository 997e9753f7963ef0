"""What chat does about things that happened in the inbox; mail costs nothing here."""

from django.utils import timezone

from helpdesk.chat.actions.continuing import withdraw_seen
from helpdesk.chat.actions.forgetting import forget_what_came_late
from helpdesk.chat.actions.reading import mark_seen_by_agent
from helpdesk.chat.actions.states import note_answered, note_written
from helpdesk.chat.actions.visits import show_visit
from helpdesk.chat.events import SeenByVisitor, WrittenByForgotten
from helpdesk.core.events import subscribe, take_part, watch
from inbox.events import ConversationRead, MessageQueued, MessageReceived


def _is_chat(event: MessageReceived | MessageQueued) -> bool:
    return event.is_fetched


@take_part(MessageReceived, when=_is_chat)
def know_who_wrote(event: MessageReceived) -> None:
    note_written(item_id=event.item_id)


@subscribe(WrittenByForgotten)
def keep_nothing_of_the_forgotten(event: WrittenByForgotten) -> None:
    forget_what_came_late(item_id=event.item_id, now=timezone.now())


@subscribe(MessageReceived, when=lambda event: event.is_first and event.is_fetched)
def show_where_they_were(event: MessageReceived) -> None:
    show_visit(item_id=event.item_id, now=timezone.now())


@take_part(MessageQueued, when=_is_chat)
def wait_for_the_visitor(event: MessageQueued) -> None:
    note_answered(item_id=event.item_id)


@subscribe(SeenByVisitor, when=lambda event: event.was_continued)
def send_nothing_that_was_seen(event: SeenByVisitor) -> None:
    withdraw_seen(conversation_id=event.conversation_id)


@watch(ConversationRead)
def show_that_it_was_read(event: ConversationRead) -> None:
    """A mark that is lost comes with the agent's next look or answer."""
    if event.is_fetched:
        mark_seen_by_agent(conversation_id=event.conversation_id, seq=event.seq)
