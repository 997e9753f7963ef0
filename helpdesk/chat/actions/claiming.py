"""What a visitor says of themselves, passed on to the agents as a claim."""

from django.db import transaction

from helpdesk.chat.models import ChatState, Visitor
from inbox.actions.participants import note_claims


def pass_on_claims(*, visitor: Visitor, conversation_id: int) -> None:
    """Tell the conversation what its visitor claims; who proved it claims nothing.

    Locks the conversation: call it before anything else of it is locked.
    """
    if visitor.is_proven:
        return
    if visitor.claimed_name or visitor.claimed_email:
        note_claims(
            conversation_id=conversation_id,
            name=visitor.claimed_name,
            email=visitor.claimed_email,
        )


def pass_on_claims_later(visitor: Visitor) -> None:
    """Do it for every chat that the visitor wrote last in, after the commit."""
    transaction.on_commit(lambda: _pass_on_everywhere(visitor))


def _pass_on_everywhere(visitor: Visitor) -> None:
    chats = ChatState.objects.filter(visitor=visitor).order_by("pk")
    for pk in chats.values_list("pk", flat=True)[:100]:
        pass_on_claims(visitor=visitor, conversation_id=pk)
