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
from channels_ingest.intake import raw_input_of, take_in, with_files
from channels_ingest.reading_child import read
from helpdesk.core.crash_points import crash_point
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
    recorded = _commit(handed, channel=channel, now=now)
    if recorded is not None and recorded.is_new:
        note_inbound_often(channel_id=channel.pk, now=now)
    return recorded


@transaction.atomic(durable=True)
def _commit(handed: Handed, *, channel: Channel, now: datetime) -> Recorded | None:
    recorded = record_next(handed, now=now)
    if recorded is None or not recorded.is_new:
        return recorded
    claimed = Claimed(
        event_id=recorded.event_id,
        source=handed.source,
        raw=handed.raw,
        headers=dict(handed.headers),
        dedupe_key=handed.dedupe_key,
        attempts=1,
        received_at=now,
    )
    events = read(account_of(channel), raw_input_of(claimed)).events
    if not events:
        transaction.set_rollback(True)
        return None
    crash_point("drain.read")
    take_in(channel=channel, readings=[with_files(claimed, events)], now=now)
    crash_point("journal.before_commit")
    return recorded
