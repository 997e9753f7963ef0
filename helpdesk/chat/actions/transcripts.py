"""A visitor has what was written in their chat sent to them by mail."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from channels_ingest.providers.chat.settings import chat_settings
from helpdesk.chat.actions.mailing import append_mail
from helpdesk.chat.addresses import (
    address_to_continue_at,
    is_usable,
    mailbox_of,
    proven_addresses,
)
from helpdesk.chat.letters import letter_of_transcript
from helpdesk.chat.models import Visitor
from helpdesk.chat.queries import items_shown_to
from helpdesk.core.limits import Limit, take
from inbox.actions.appending import lock_conversation
from inbox.models import Conversation, TimelineItem

TRANSCRIPT = "transcript"
MOST_MESSAGES = 500
_HOUR: Final = 60 * 60
# So that nobody can fill a stranger's mailbox, with many visitors or with one.
OF_VISITOR: Final = Limit(name="transcript-of", count=4, seconds=_HOUR)
TO_ADDRESS: Final = Limit(name="transcript-to", count=4, seconds=_HOUR)
TO_ADDRESS_A_DAY: Final = Limit(name="transcript-day", count=8, seconds=24 * _HOUR)
# Nor many mailboxes with one mail each, from wherever the visitors come.
OF_CHANNEL: Final = Limit(name="transcript-all", count=300, seconds=_HOUR)


class NowhereToSend(Exception):
    """There is no address mail can be sent to."""


class NothingToSend(Exception):
    """Nothing was written yet, or the brand has no mailbox to send it from."""


def send_transcript(
    *,
    visitor: Visitor,
    conversation: Conversation,
    email: str = "",
    now: datetime | None = None,
) -> TimelineItem:
    """Mail what this visitor is shown of their conversation, and nothing else.

    To `email` if one is given, else to the address that is known. The address stays
    what it was: a claim proves nothing, and its owner takes part in nothing.

    :raises NowhereToSend: if the address is none, is ours, or is known to fail
    :raises NothingToSend: if there is nothing to send, or no mailbox to send it from
    :raises LimitReached: if this visitor, this address or the channel had too many
    """
    given = email.strip().lower()
    address = given or address_to_continue_at(visitor, conversation=conversation)
    if not address or not is_usable(address):
        raise NowhereToSend
    take(OF_VISITOR, str(visitor.public_id))
    if not proven_addresses(visitor).filter(value=address).exists():
        take(TO_ADDRESS, address)
        take(TO_ADDRESS_A_DAY, address)
        take(OF_CHANNEL, str(visitor.channel_id))
    return _send(
        visitor, conversation_id=conversation.pk, to=address, now=now or timezone.now()
    )


@transaction.atomic
def _send(
    visitor: Visitor, *, conversation_id: int, to: str, now: datetime
) -> TimelineItem:
    conversation = lock_conversation(conversation_id)
    channel = visitor.channel
    by_mail = chat_settings(channel.config).by_mail
    mailbox = mailbox_of(channel, channel_id=by_mail.channel_id)
    items = _written(visitor, conversation)
    if mailbox is None or not items:
        raise NothingToSend
    with override(visitor.locale or None):
        letter = letter_of_transcript(items, channel=channel)
    return append_mail(
        conversation, name=TRANSCRIPT, to=to, letter=letter, mailbox=mailbox, now=now
    )


def _written(visitor: Visitor, conversation: Conversation) -> list[TimelineItem]:
    """Return what the visitor is shown, oldest first; of very much, the newest."""
    rows = (
        items_shown_to(visitor, conversation=conversation)
        .select_related("agent")
        .prefetch_related("attachments")
        .order_by("-seq")
    )
    return list(rows[:MOST_MESSAGES])[::-1]
