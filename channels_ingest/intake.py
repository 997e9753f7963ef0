"""From what an adapter read to what happens in the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from channels_ingest.actions.claiming import Claimed, Settled, settle
from channels_ingest.base import RawInput
from channels_ingest.models import EventState
from helpdesk.core.files import delete_file, safe_name, store_file
from inbox.actions.delivery import record_receipt
from inbox.actions.receiving import (
    Arrival,
    Received,
    StoredAttachment,
    receive_messages,
)
from inbox.contract import Ignored, InboundEvent, InboundMessage, Receipt
from inbox.models import Channel

ALREADY_HERE = "The same message had come before."
IS_RECEIPT = "It says what became of a message of ours."
NOT_OURS = "It speaks of a message that is none of ours."
NOTHING = "There is nothing in it to show."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One journalled input with what was read from it, files on disk already."""

    claimed: Claimed
    events: tuple[InboundEvent | Arrival, ...]

    @property
    def arrivals(self) -> list[Arrival]:
        return [event for event in self.events if isinstance(event, Arrival)]

    @property
    def files(self) -> list[str]:
        return [file.stored_name for each in self.arrivals for file in each.attachments]


def raw_input_of(claimed: Claimed) -> RawInput:
    """Return what an adapter gets to read of it."""
    return RawInput(
        raw=claimed.raw,
        source=claimed.source,
        headers=claimed.headers,
        external_id=claimed.dedupe_key,
        received_at=claimed.received_at,
    )


def with_files(claimed: Claimed, events: Sequence[InboundEvent]) -> Reading:
    """Write the files of messages to disk, before any transaction begins."""
    return Reading(
        claimed=claimed,
        events=tuple(
            arrival_of(event, journal_id=claimed.event_id)
            if isinstance(event, InboundMessage)
            else event
            for event in events
        ),
    )


def arrival_of(message: InboundMessage, *, journal_id: int) -> Arrival:
    stored: list[StoredAttachment] = []
    for attachment in message.attachments:
        file = store_file(attachment.content)
        stored.append(
            StoredAttachment(
                name=safe_name(attachment.name)[:255],
                content_type=attachment.content_type[:255],
                size=file.size,
                sha256=file.sha256,
                stored_name=file.stored_name,
                content_id=attachment.content_id[:512],
                is_inline=attachment.is_inline,
            )
        )
    return Arrival(inbound=message, attachments=tuple(stored), journal_id=journal_id)


@transaction.atomic(savepoint=False)
def take_in(
    *, channel: Channel, readings: Sequence[Reading], now: datetime
) -> list[Settled]:
    """Put what was read where it belongs and mark it as done: all of it or nothing."""
    arrivals = [arrival for reading in readings for arrival in reading.arrivals]
    received = receive_messages(channel=channel, arrivals=arrivals, now=now)
    for arrival, outcome in zip(arrivals, received, strict=True):
        if not outcome.is_new and outcome.item.detail.journal_id != arrival.journal_id:
            _drop_files(arrival)
    outcomes = iter(received)
    results = [
        _most_telling(
            [
                _shown(reading, next(outcomes))
                if isinstance(event, Arrival)
                else _other(event, reading=reading, channel=channel, now=now)
                for event in reading.events
            ],
            reading=reading,
        )
        for reading in readings
    ]
    settle(settled=results, now=now)
    return results


def _drop_files(arrival: Arrival) -> None:
    for file in arrival.attachments:
        transaction.on_commit(partial(delete_file, file.stored_name))


def _shown(reading: Reading, received: Received) -> Settled:
    return Settled(
        event_id=reading.claimed.event_id,
        state=EventState.DONE if received.is_new else EventState.DUPLICATE,
        reason="" if received.is_new else ALREADY_HERE,
        item_id=received.item.pk,
        conversation_id=received.item.conversation_id,
    )


def _other(
    event: InboundEvent | Arrival, *, reading: Reading, channel: Channel, now: datetime
) -> Settled:
    if isinstance(event, Receipt):
        return _receipt(event, reading=reading, channel=channel, now=now)
    reason = event.reason if isinstance(event, Ignored) else NOTHING
    return Settled(
        event_id=reading.claimed.event_id, state=EventState.IGNORED, reason=reason
    )


def _receipt(
    receipt: Receipt, *, reading: Reading, channel: Channel, now: datetime
) -> Settled:
    item = record_receipt(receipt=receipt)
    if item is not None:
        return Settled(
            event_id=reading.claimed.event_id,
            state=EventState.DONE,
            reason=IS_RECEIPT,
            item_id=item.pk,
            conversation_id=item.conversation_id,
        )
    if receipt.otherwise is None:
        return Settled(
            event_id=reading.claimed.event_id,
            state=EventState.IGNORED,
            reason=NOT_OURS,
        )
    arrival = arrival_of(receipt.otherwise, journal_id=reading.claimed.event_id)
    return _shown(
        reading, receive_messages(channel=channel, arrivals=[arrival], now=now)[0]
    )


_ORDER = (EventState.DONE, EventState.DUPLICATE, EventState.IGNORED)


def _most_telling(outcomes: Sequence[Settled], *, reading: Reading) -> Settled:
    """Return the one that says most of an input with several events."""
    nothing = Settled(
        event_id=reading.claimed.event_id, state=EventState.IGNORED, reason=NOTHING
    )
    return min(
        outcomes,
        key=lambda settled: _ORDER.index(EventState(settled.state)),
        default=nothing,
    )
