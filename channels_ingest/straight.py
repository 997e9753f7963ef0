"""Keep what came by chat and put it on its timeline, all in one commit.

Mostly nobody else reads the channel and nothing waits in it. Then nothing has to be
claimed, for nobody else has seen it: either it is kept and shown, or it never came.
"""

from datetime import datetime

from django.db import transaction

from channels_ingest.accounts import account_of
from channels_ingest.actions.claiming import Claimed
from channels_ingest.actions.health import note_inbound_often
from channels_ingest.actions.journal import Handed, Recorded, record_next
from channels_ingest.base import RawInput
from channels_ingest.intake import take_in, with_files
from channels_ingest.reading_child import read
from helpdesk.core.crash_points import crash_point
from inbox.contract import InboundEvent
from inbox.models import Channel

MOST_BYTES = 64 * 1024
"""What is longer has files; they are not written while others wait for us."""


def keep_and_show(
    handed: Handed, *, channel: Channel, now: datetime
) -> Recorded | None:
    """Keep words of ours and show them; None if it is not so simple.

    Nothing is kept then: another one reads the channel, or something waits in it, or
    it cannot be read at all.
    """
    if len(handed.raw) > MOST_BYTES:
        return None
    events = _events_of(handed, channel=channel, now=now)
    if not events:
        return None
    recorded = _commit(handed, events, channel=channel, now=now)
    if recorded is not None and recorded.is_new:
        note_inbound_often(channel_id=channel.pk, now=now)
    return recorded


def _events_of(
    handed: Handed, *, channel: Channel, now: datetime
) -> tuple[InboundEvent, ...]:
    raw = RawInput(
        raw=handed.raw,
        source=handed.source,
        headers=dict(handed.headers),
        external_id=handed.dedupe_key,
        received_at=now,
    )
    return read(account_of(channel), raw).events


@transaction.atomic(durable=True)
def _commit(
    handed: Handed,
    events: tuple[InboundEvent, ...],
    *,
    channel: Channel,
    now: datetime,
) -> Recorded | None:
    recorded = record_next(handed, now=now)
    if recorded is not None and recorded.is_new:
        claimed = Claimed(
            event_id=recorded.event_id,
            source=handed.source,
            raw=handed.raw,
            headers=dict(handed.headers),
            dedupe_key=handed.dedupe_key,
            attempts=1,
            received_at=now,
        )
        reading = with_files(claimed, events)
        crash_point("drain.read")
        take_in(channel=channel, readings=[reading], now=now)
        crash_point("journal.before_commit")
    return recorded
