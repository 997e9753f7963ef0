"""The rows that arriving messages leave behind, written together.

Nobody reads them before the transaction ends; what decides where the next message of
the same batch goes is kept in `Topics`.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from customers.models import Identity
from helpdesk.core.bells import SEARCH
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.events import Event, emit_all
from helpdesk.core.many_rows import (
    Row,
    inserting,
    inserting_rows,
    next_ids,
    updating,
    write_together,
)
from inbox.actions.appending import lock_conversation, lock_conversations
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
from inbox.topics import MAX_KEYS


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

    def __init__(self, *, now: datetime, expected: int) -> None:
        self.now = now
        self._expected = expected
        self._free_ids: list[int] = []
        self._new: dict[int, Conversation] = {}
        self._conversations: dict[int, Conversation] = {}
        self._changed: dict[int, Conversation] = {}
        self._references: list[Row] = []
        self._participants: list[Row] = []
        self._items: list[tuple[TimelineItem, Arrival]] = []
        self._events: list[Event] = []

    def lock(self, conversation_ids: Collection[int]) -> None:
        """Lock what the batch will change, as far as that can be told beforehand."""
        if conversation_ids:
            found = lock_conversations(conversation_ids)
            self._conversations.update((each.pk, each) for each in found)

    def locked(self, conversation_id: int) -> Conversation:
        """Return the conversation, locked, as this batch has changed it so far."""
        if conversation_id not in self._conversations:
            self._conversations[conversation_id] = lock_conversation(conversation_id)
        return self._conversations[conversation_id]

    def add_event(self, event: Event) -> None:
        self._events.append(event)

    def keep_conversation(self, conversation: Conversation) -> None:
        """Remember a conversation that is new or changed; a new one gets its id."""
        if not conversation.pk:
            conversation.pk = self._next_id()
            self._conversations[conversation.pk] = conversation
            self._new[conversation.pk] = conversation
        elif conversation.pk not in self._new:
            self._changed[conversation.pk] = conversation

    def _next_id(self) -> int:
        if not self._free_ids:
            count = max(1, self._expected - len(self._items))
            self._free_ids = next_ids(Conversation, count=count)
        return self._free_ids.pop(0)

    def add_item(self, item: TimelineItem, *, arrival: Arrival) -> None:
        self._items.append((item, arrival))

    def add_keys(self, conversation: Conversation, *, keys: Iterable[str]) -> None:
        self._references += [
            {
                "key": key[:512],
                "conversation_id": conversation.pk,
                "created_at": self.now,
            }
            for key in dict.fromkeys([*keys][:MAX_KEYS])
        ]

    def add_participant(
        self, conversation: Conversation, *, identity: Identity, role: str
    ) -> None:
        self._participants.append(
            {
                "conversation_id": conversation.pk,
                "identity_id": identity.pk,
                "role": str(role),
                "created_at": self.now,
            }
        )

    def write(self) -> None:
        """Write everything with one statement and announce it."""
        items = [item for item, _ in self._items]
        if items:
            ids = next_ids(TimelineItem, count=len(items))
            for item, number in zip(items, ids, strict=True):
                item.pk = number
            ring_after_commit(SEARCH)
        write_together(
            [
                *inserting([*self._new.values()]),
                *updating([*self._changed.values()]),
                *inserting([*items, *(SearchPending(item=item) for item in items)]),
                *inserting_rows(
                    MessageDetail,
                    [_detail(item, arrival=arrival) for item, arrival in self._items],
                ),
                *inserting_rows(Attachment, list(self._attachments())),
                *inserting_rows(ThreadReference, self._references, unless_there=True),
                *inserting_rows(Participant, self._participants, unless_there=True),
            ]
        )
        emit_all([*self._events, *self._announcements()])

    def _attachments(self) -> Iterable[Row]:
        for item, arrival in self._items:
            for stored in arrival.attachments:
                yield {"item_id": item.pk, **asdict(stored)}

    def _announcements(self) -> Iterable[Event]:
        newest = {item.conversation_id: item for item, _ in self._items}
        for conversation_id, item in newest.items():
            conversation = self._conversations[conversation_id]
            yield ConversationChanged(
                conversation_id=conversation_id,
                cursor=item.seq,
                team_id=conversation.team_id,
                assignee_id=conversation.assignee_id,
                is_by_customer=_is_fetched(item),
            )
        for item, arrival in self._items:
            is_first = item.seq == 1 and item.conversation_id in self._new
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
                deserves_acknowledgement=_is_acknowledged(item, arrival),
                is_fetched=_is_fetched(item),
            )


def _is_fetched(item: TimelineItem) -> bool:
    return item.channel is not None and item.channel.is_fetched


def _is_acknowledged(item: TimelineItem, arrival: Arrival) -> bool:
    channel = item.channel
    deserves_it = arrival.inbound.deserves_acknowledgement
    return deserves_it and channel is not None and channel.acknowledges


def _detail(item: TimelineItem, *, arrival: Arrival) -> Row:
    inbound = arrival.inbound
    return {
        "item_id": item.pk,
        "sender": {"name": inbound.sender.name, "handle": inbound.sender.handle},
        "to": _handles(inbound.recipients, role="to"),
        "cc": _handles(inbound.recipients, role="cc"),
        "reply_to": _handles(inbound.recipients, role="reply_to"),
        "message_id": inbound.own_keys[0][:512] if inbound.own_keys else "",
        "quoted_text": inbound.quoted_text,
        "quoted_html": inbound.quoted_html,
        "signature": inbound.signature,
        "authentication": asdict(inbound.authentication),
        "remote_images": inbound.remote_images,
        "journal_id": arrival.journal_id,
    }


def _handles(recipients: tuple[Recipient, ...], *, role: str) -> list[dict[str, str]]:
    return [
        {"name": recipient.name, "handle": recipient.handle}
        for recipient in recipients
        if recipient.role == role
    ]
