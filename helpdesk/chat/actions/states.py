"""What the state of a chat learns when something was written in it."""

from django.db import transaction

from channels_ingest.providers.chat.payload import visitor_id_of
from customers.models import IdentityKind
from helpdesk.chat.actions.claiming import pass_on_claims
from helpdesk.chat.actions.reading import locked_state
from helpdesk.chat.events import SeenByAgent
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.core.events import emit
from inbox.models import Conversation, Direction, Kind, TimelineItem


@transaction.atomic
def note_written(*, item_id: int) -> None:
    """Note who wrote last, and that the chat goes on if it had ended.

    Safe to run twice and in any order: the newest message decides.
    """
    item = _found(item_id)
    if item is None:
        return
    writer = _last_writer(item.conversation)
    if writer is not None:
        pass_on_claims(visitor=writer, conversation_id=item.conversation_id)
    state = locked_state(item.conversation)
    state.visitor = writer or state.visitor
    if state.ended_at is not None and state.ended_at < item.received_at:
        state.ended_at = None
    state.save(update_fields=["visitor", "ended_at"])


@transaction.atomic
def note_answered(*, item_id: int) -> None:
    """Note that there is an answer to be seen, and that whoever wrote it has read.

    Safe to run twice and in any order. Returns without a word for an answer that was
    taken back meanwhile.
    """
    item = _found(item_id)
    if item is None or item.channel is None or not item.channel.is_fetched:
        return
    state = locked_state(item.conversation)
    if state.visitor is None:
        state.visitor = _last_writer(item.conversation)
    if item.agent_id is not None and item.seq > state.agent_seen_seq:
        state.agent_seen_seq = item.seq
        state.agent_seen_at = item.received_at
        emit(SeenByAgent(conversation_id=state.pk, seq=item.seq))
    _wait_for_eyes(state, item)
    state.save()


def _wait_for_eyes(state: ChatState, item: TimelineItem) -> None:
    if item.seq <= state.visitor_seen_seq or item.seq <= state.continued_seq:
        return
    if state.unseen_since is None or item.received_at < state.unseen_since:
        state.unseen_since = item.received_at


def _found(item_id: int) -> TimelineItem | None:
    rows = TimelineItem.objects.select_related("conversation", "channel")
    return rows.filter(pk=item_id).first()


def _last_writer(conversation: Conversation) -> Visitor | None:
    """Return the visitor behind the newest message that came by chat."""
    written = TimelineItem.objects.filter(
        conversation=conversation,
        kind=Kind.MESSAGE,
        direction=Direction.INBOUND,
        identity__kind=IdentityKind.CHAT,
    )
    external_id = written.order_by("-seq").values_list("external_id", flat=True).first()
    public_id = visitor_id_of(external_id or "")
    return Visitor.objects.filter(public_id=public_id).first() if public_id else None
