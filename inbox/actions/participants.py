"""Who takes part in a conversation, beyond the customer whose it is."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from customers.actions import resolve_identity
from customers.events import CustomerChanged
from customers.models import Identity, IdentityKind
from helpdesk.accounts.models import User
from helpdesk.core.events import emit
from inbox.actions.appending import announce_change, append_event, lock_conversation
from inbox.models import Conversation, Participant
from inbox.models.conversation import ParticipantRole


class NotAStranger(Exception):
    """The handle is unknown here, or it takes part already."""


@transaction.atomic
def let_in(*, conversation_id: int, identity_id: int, actor: User) -> Participant:
    """Make a stranger part of the conversation: answers may go to them from now on.

    :raises NotAStranger: if there is nobody to let in
    """
    conversation = lock_conversation(conversation_id)
    participant = (
        Participant.objects.select_related("identity")
        .filter(
            conversation=conversation,
            identity_id=identity_id,
            role=ParticipantRole.STRANGER,
        )
        .first()
    )
    if participant is None:
        raise NotAStranger
    participant.role = ParticipantRole.COPIED
    participant.save(update_fields=["role"])
    append_event(
        conversation,
        name="let_in",
        actor_id=actor.pk,
        address=participant.identity.value,
    )
    conversation.save()
    return participant


@transaction.atomic
def note_claims(*, conversation_id: int, name: str = "", email: str = "") -> None:
    """Keep what a visitor says of themselves: shown as a claim, proof of nothing.

    Nobody is reachable, recognized or let in by it. May run twice; an address that is
    none is left out. What is empty takes nothing back that was said before.
    """
    conversation = lock_conversation(conversation_id)
    said = {
        "name": " ".join(name.split())[:200],
        "email": _address_in(email),
    }
    claims = conversation.claims | {key: text for key, text in said.items() if text}
    if claims == conversation.claims:
        return
    conversation.claims = claims
    conversation.save(update_fields=["claims"])
    announce_change(conversation, is_internal=True)
    emit(CustomerChanged(customer_id=conversation.customer_id))


def _address_in(text: str) -> str:
    address = text.strip().lower()[:320]
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def remember_readers(conversation: Conversation, *, handles: Iterable[str]) -> None:
    """Note whom an agent wrote to: their answers are no stranger's.

    Call it inside the transaction that writes the message.
    """
    now = timezone.now()
    identities = [
        resolve_identity(kind=IdentityKind.EMAIL, value=handle, now=now)
        for handle in sorted(set(handles))
    ]
    _let_in_all(conversation, identities)


def _let_in_all(conversation: Conversation, identities: list[Identity]) -> None:
    others = [
        identity
        for identity in identities
        if identity.customer_id != conversation.customer_id
    ]
    Participant.objects.filter(
        conversation=conversation,
        identity__in=others,
        role=ParticipantRole.STRANGER,
    ).update(role=ParticipantRole.COPIED)
    Participant.objects.bulk_create(
        (
            Participant(
                conversation=conversation,
                identity=identity,
                role=ParticipantRole.COPIED,
            )
            for identity in others
        ),
        ignore_conflicts=True,
    )
