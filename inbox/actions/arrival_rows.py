"""The rows that arriving messages leave behind, written together.

Most of them are read by nobody before the transaction ends. Those that decide where
the next message of the same batch goes are written as soon as one could ask.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from customers.models import Identity
from helpdesk.core.bells import SEARCH
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import Event, emit_all
from inbox.actions.appending import lock_conversation
from inbox.contract import InboundMessage, Recipient
from inbox.events import ConversationChanged, ConversationStarted, MessageReceived
from inbox.models import (
    Attachment,
    Conversation,
    MessageDetail,
    Participant,
    SearchPending,
    ThreadReference,
    TimelineItem,
)

MAX_KEYS = 50
"""Keys of one message under which its conversation is found again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttachment:
    """A file whose bytes are on disk already, before any transaction begins."""

    name: str
    content_type: str
    size: int
    sha256: str
    stored_name: str
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message with its files, and the journal's row that it was read from."""

    inbound: InboundMessage
    attachments: tuple[StoredAttachment, ...] = ()
    journal_id: int | None = None

    @property
    def external_id(self) -> str:
        return self.inbound.external_id

    @property
    def file_count(self) -> int:
        return sum(not file.is_inline for file in self.attachments)


class ArrivalRows:
    """What a batch of arrivals has to write, and the conversations it holds locked."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self._conversations: dict[int, Conversation] = {}
        self._changed: dict[int, Conversation] = {}
        self._references: list[ThreadReference] = []
        self._participants: list[Participant] = []
        self._items: list[tuple[TimelineItem, Arrival]] = []
        self._events: list[Event] = []
        self._started: set[int] = set()

    def locked(self, conversation_id: int) -> Conversation:
        """Return the conversation, locked, as this batch has changed it so far."""
        if conversation_id not in self._conversations:
            self._conversations[conversation_id] = lock_conversation(conversation_id)
        return self._conversations[conversation_id]

    def settle(self, *, customer_id: int, has_keys: bool) -> None:
        """Write what decides where a message of this customer goes."""
        if has_keys:
            self._write_lookups()
        for conversation in list(self._changed.values()):
            if conversation.customer_id == customer_id:
                self._save(conversation)

    def add_event(self, event: Event) -> None:
        self._events.append(event)

    def keep_conversation(self, conversation: Conversation) -> None:
        """Save a new conversation at once, a changed one when it has to be."""
        if not conversation.pk:
            conversation.save(force_insert=True)
            self._conversations[conversation.pk] = conversation
            self._started.add(conversation.pk)
        else:
            self._changed[conversation.pk] = conversation

    def add_item(self, item: TimelineItem, *, arrival: Arrival) -> None:
        self._items.append((item, arrival))

    def add_keys(self, conversation: Conversation, *, keys: Iterable[str]) -> None:
        self._references += [
            ThreadReference(key=key[:512], conversation=conversation)
            for key in dict.fromkeys([*keys][:MAX_KEYS])
        ]

    def add_participant(
        self, conversation: Conversation, *, identity: Identity, role: str
    ) -> None:
        self._participants.append(
            Participant(conversation=conversation, identity=identity, role=role)
        )

    def write(self) -> list[TimelineItem]:
        """Write everything that is left and announce it; return the items."""
        for conversation in list(self._changed.values()):
            self._save(conversation)
        self._write_lookups()
        items = [item for item, _ in self._items]
        if items:
            self._write_items(items)
        emit_all([*self._events, *self._announcements()])
        return items

    def _save(self, conversation: Conversation) -> None:
        conversation.save()
        del self._changed[conversation.pk]

    def _write_lookups(self) -> None:
        if self._references:
            ThreadReference.objects.bulk_create(self._references, ignore_conflicts=True)
            self._references = []
        if self._participants:
            Participant.objects.bulk_create(self._participants, ignore_conflicts=True)
            self._participants = []

    def _write_items(self, items: Sequence[TimelineItem]) -> None:
        TimelineItem.objects.bulk_create(items)
        MessageDetail.objects.bulk_create(
            _detail(item, arrival=arrival) for item, arrival in self._items
        )
        Attachment.objects.bulk_create(
            Attachment(item=item, **asdict(stored))
            for item, arrival in self._items
            for stored in arrival.attachments
        )
        SearchPending.objects.bulk_create(SearchPending(item=item) for item in items)
        ring_after_commit(SEARCH)

    def _announcements(self) -> Iterable[Event]:
        cursors = {item.conversation_id: item.seq for item, _ in self._items}
        for conversation_id, cursor in cursors.items():
            yield ConversationChanged(conversation_id=conversation_id, cursor=cursor)
        for item, arrival in self._items:
            is_first = item.seq == 1 and item.conversation_id in self._started
            if is_first:
                yield ConversationStarted(
                    conversation_id=item.conversation_id, item_id=item.pk
                )
            yield MessageReceived(
                conversation_id=item.conversation_id,
                item_id=item.pk,
                customer_id=item.customer_id,
                is_first=is_first,
                nature=arrival.inbound.nature,
                deserves_acknowledgement=arrival.inbound.deserves_acknowledgement,
            )


def _detail(item: TimelineItem, *, arrival: Arrival) -> MessageDetail:
    inbound = arrival.inbound
    return MessageDetail(
        item=item,
        sender={"name": inbound.sender.name, "handle": inbound.sender.handle},
        to=_handles(inbound.recipients, role="to"),
        cc=_handles(inbound.recipients, role="cc"),
        reply_to=_handles(inbound.recipients, role="reply_to"),
        message_id=inbound.own_keys[0][:512] if inbound.own_keys else "",
        quoted_text=inbound.quoted_text,
        quoted_html=inbound.quoted_html,
        signature=inbound.signature,
        authentication=asdict(inbound.authentication),
        remote_images=inbound.remote_images,
        journal_id=arrival.journal_id,
    )


def _handles(recipients: tuple[Recipient, ...], *, role: str) -> list[dict[str, str]]:
    return [
        {"name": recipient.name, "handle": recipient.handle}
        for recipient in recipients
        if recipient.role == role
    ]
