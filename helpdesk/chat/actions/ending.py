"""A visitor ends a chat, and says how it went."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from helpdesk.chat.actions.reading import locked_state
from helpdesk.chat.events import ChatRated
from helpdesk.chat.models import ChatState
from helpdesk.core.events import emit
from inbox.actions.appending import announce_change, append_event, lock_conversation
from inbox.actions.conversations import close_conversation
from inbox.models import Conversation, Direction, Kind, TimelineItem

CHAT_ENDED = "chat_ended"
RATED = "rated"


@transaction.atomic
def end_chat(*, conversation: Conversation, now: datetime | None = None) -> None:
    """Note that the visitor has ended it; twice changes nothing.

    It is closed if nobody has to answer any more. A question that was left behind
    stays open for the team.
    """
    now = now or timezone.now()
    locked = lock_conversation(conversation.pk)
    state = locked_state(locked)
    if state.ended_at is not None:
        return
    state.ended_at = now
    state.save(update_fields=["ended_at"])
    append_event(locked, name=CHAT_ENDED, actor_id=None, now=now)
    locked.save(update_fields=["last_seq"])
    if locked.is_open and locked.waiting_since is None:
        close_conversation(conversation_id=locked.pk, actor=None, now=now)


@transaction.atomic
def rate_chat(
    *,
    conversation: Conversation,
    score: int,
    comment: str = "",
    now: datetime | None = None,
) -> None:
    """Keep how a visitor liked it: a line on the timeline, for agents only.

    Another rating replaces the line, unless they have written since: then it is about
    something new.
    """
    now = now or timezone.now()
    locked = lock_conversation(conversation.pk)
    state = locked_state(locked)
    earlier = _replaced(locked)
    if earlier is not None and _is_known(state, score=score, comment=comment):
        return
    state.rating, state.rating_comment, state.rated_at = score, comment, now
    state.save(update_fields=["rating", "rating_comment", "rated_at"])
    emit(ChatRated(conversation_id=locked.pk, at=now.isoformat()))
    if earlier is None:
        append_event(
            locked, name=RATED, actor_id=None, now=now, score=score, comment=comment
        )
        locked.save(update_fields=["last_seq"])
        return
    earlier.payload = {**earlier.payload, "score": score, "comment": comment}
    earlier.save(update_fields=["payload"])
    announce_change(locked, is_internal=True)


def _is_known(state: ChatState, *, score: int, comment: str) -> bool:
    return state.rating == score and state.rating_comment == comment


def _replaced(conversation: Conversation) -> TimelineItem | None:
    items = TimelineItem.objects.filter(conversation=conversation).order_by("-seq")
    rated = items.filter(kind=Kind.EVENT, payload__name=RATED).first()
    if rated is None:
        return None
    written = items.filter(
        kind=Kind.MESSAGE, direction=Direction.INBOUND, seq__gt=rated.seq
    )
    return None if written.exists() else rated
