"""How fast mail becomes visible, and how fast it is safe."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from django.db import connection

from channels_ingest.actions.journal import Handed, record_batch
from channels_ingest.fingerprint import mail_key
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.sole_reader import sole_reader
from helpdesk.rehearsal.bench.mails import sample_mail
from helpdesk.rehearsal.bench.results import Result
from inbox.models import Channel, TimelineItem

MAILS = 3000
JOURNALLED = 6000
REPEATS = 3
BATCH = 50
WRITERS = 4
PATIENCE_SECONDS = 120


class MailsNotShown(Exception):
    """The worker did not finish in time."""


class ChannelIsRead(Exception):
    """The channel that was to be kept quiet is being read."""


def measure_ingest(*, scale: float) -> list[Result]:
    """Hand mails to the journal and wait until each is an item on a timeline."""
    count = max(300, int(MAILS * min(scale, 1)))
    channel = Channel.objects.order_by("pk")[0]
    rates = [_ingest(channel, count=count, run=run) for run in range(REPEATS)]
    return [
        Result(
            name="ingest_mail",
            value=round(median(rates), 1),
            unit="mails/s",
            goal=300,
            at_least=True,
            note=f"{REPEATS} x {count} mails, journal to visible item",
        )
    ]


def _ingest(channel: Channel, *, count: int, run: int) -> float:
    mails = [
        sample_mail(number, run=run, to=channel.address) for number in range(count)
    ]
    shown = TimelineItem.objects.filter(channel=channel, external_id__gt="")
    before = shown.count()
    started = time.perf_counter()
    for first in range(0, count, BATCH):
        record_batch(
            handed=[_handed(channel, raw) for raw in mails[first : first + BATCH]]
        )
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while _waiting() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    took = time.perf_counter() - started
    if shown.count() - before != count:
        raise MailsNotShown(f"{shown.count() - before} of {count} after {took:.0f} s")
    return count / took


def _waiting() -> bool:
    return InboundEvent.objects.filter(state=EventState.NEW).exists()


def _handed(channel: Channel, raw: bytes, *, source: str = "smtp") -> Handed:
    return Handed(
        channel_id=channel.pk,
        source=source,
        raw=raw,
        dedupe_key=mail_key(raw),
        headers={"rcpt_to": [channel.address], "mail_from": "bench@people.example"},
    )


def measure_journal() -> list[Result]:
    """Commit batches as the listener does, from several connections at once.

    No worker begins to read them meanwhile: the channel is held.
    """
    channel = Channel.objects.order_by("pk")[1]
    with sole_reader(channel.pk) as is_ours:
        if not is_ours:
            raise ChannelIsRead(f"another process reads {channel}")
        rates = [_journal(channel, run=run) for run in range(REPEATS)]
        InboundEvent.objects.filter(channel=channel).delete()
    return [
        Result(
            name="journal",
            value=round(median(rates), 1),
            unit="mails/s",
            goal=2000,
            at_least=True,
            note=f"{WRITERS} connections, {BATCH // 2} mails a commit",
        )
    ]


def _journal(channel: Channel, *, run: int) -> float:
    handed = [
        _handed(channel, sample_mail(number, run=100 + run, to=channel.address))
        for number in range(JOURNALLED)
    ]
    size = BATCH // 2
    batches = [handed[first : first + size] for first in range(0, JOURNALLED, size)]
    started = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(_record, [batches[n::WRITERS] for n in range(WRITERS)]))
    return JOURNALLED / (time.perf_counter() - started)


def _record(batches: list[list[Handed]]) -> None:
    try:
        for batch in batches:
            record_batch(handed=batch)
    finally:
        connection.close()
