"""Who wrote a message that arrives, and whom they let in by copying them."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime

from customers.actions import Handle, HandleKey, note_uses, resolve_identities
from customers.models import Identity
from helpdesk.accounts.models import User
from inbox.actions.arrival_rows import Arrival
from inbox.contract import InboundMessage, Nature, Verdict
from inbox.models import Channel, Conversation
from inbox.models.conversation import ParticipantRole
from inbox.recipients import without_tag
from inbox.threading import Placement

MAX_COPIED = 20
"""People in copy who become part of a conversation by one message."""

People = dict[HandleKey, Identity]


def recognize(arrivals: Sequence[Arrival], *, now: datetime) -> People:
    """Return who wrote, and who is vouched for by standing in copy."""
    senders = [handle_of(arrival.inbound) for arrival in arrivals]
    copied = [handle for arrival in arrivals for handle in _copied_by(arrival.inbound)]
    ours = _our_addresses() if copied else frozenset()
    people = resolve_identities(
        handles=[
            *senders,
            *(each for each in copied if without_tag(each.value) not in ours),
        ],
        now=now,
    )
    merges = note_uses(
        used=[people[handle.key] for handle in senders],
        authenticated=[
            people[handle_of(arrival.inbound).key]
            for arrival in arrivals
            if _is_authenticated(arrival.inbound)
        ],
        now=now,
    )
    for merge, identity in itertools.product(merges, people.values()):
        if identity.customer_id == merge.absorbed_id:
            identity.customer = merge.kept
    return people


def handle_of(inbound: InboundMessage) -> Handle:
    sender = inbound.sender
    return Handle(
        kind=sender.kind, value=sender.handle, name=sender.name, scope=sender.scope
    )


def _is_authenticated(inbound: InboundMessage) -> bool:
    return (
        inbound.authentication.verdict == Verdict.PASS
        and inbound.claimed_sender is None
    )


def _copied_by(inbound: InboundMessage) -> list[Handle]:
    """Return whom the sender let in by copying them; only a proven sender can."""
    if not _is_authenticated(inbound) or inbound.nature != Nature.PERSON:
        return []
    return [
        Handle(
            kind=inbound.sender.kind,
            value=recipient.handle,
            name=recipient.name,
            scope=inbound.sender.scope,
        )
        for recipient in inbound.recipients[:MAX_COPIED]
        if recipient.role in ("to", "cc") and recipient.handle
    ]


def _our_addresses() -> frozenset[str]:
    """Return the addresses of channels and agents: they are nobody's customers."""
    ours = {email.lower() for email in User.objects.values_list("email", flat=True)}
    for address, aliases in Channel.objects.values_list("address", "aliases"):
        ours.update((address.lower(), *(str(alias).lower() for alias in aliases)))
    return frozenset(ours)


def participants_of(
    conversation: Conversation,
    *,
    inbound: InboundMessage,
    placement: Placement,
    people: People,
) -> Iterator[tuple[Identity, ParticipantRole]]:
    """Yield who takes part from now on, and as what.

    :param people: what `recognize` returned
    """
    sender = handle_of(inbound)
    if placement.is_stranger:
        yield people[sender.key], ParticipantRole.STRANGER
        return
    for key in dict.fromkeys(each.key for each in (sender, *_copied_by(inbound))):
        if key in people:
            yield people[key], _role_in(conversation, people[key])


def _role_in(conversation: Conversation, identity: Identity) -> ParticipantRole:
    if conversation.customer_id == identity.customer_id:
        return ParticipantRole.CUSTOMER
    return ParticipantRole.COPIED
