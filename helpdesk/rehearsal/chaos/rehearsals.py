"""The rehearsals, one after another: R1, R2, R3, R4, R6, R7, R8 and R10 for mail."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection

from channels_ingest.models import EventState, InboundEvent
from helpdesk.accounts.models import User
from helpdesk.rehearsal.chaos.faults import Faults
from helpdesk.rehearsal.chaos.ledger import (
    Ledger,
    count_inbound,
    count_outbound,
    count_poison,
    newest_event_id,
)
from helpdesk.rehearsal.chaos.mailers import Correspondence, MailServer, hand_over
from helpdesk.rehearsal.chaos.poison import poison_mails
from helpdesk.rehearsal.chaos.sink import Sink
from helpdesk.rehearsal.installation import Installation
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import (
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    MessageDetail,
)

SETTLE_SECONDS = 60
HEAL_SECONDS = 5
RECOVER_SECONDS = 30
MOVING = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything a rehearsal needs."""

    installation: Installation
    channel: Channel
    agent: User
    sink: Sink
    chance: random.Random
    crash_log: Path

    def correspondences(self, count: int, *, first: int) -> list[Correspondence]:
        return [
            Correspondence(
                number=first + n,
                to=self.channel.address,
                chance=random.Random(first + n),  # noqa: S311 - repeatable
            )
            for n in range(count)
        ]


def run_all(stage: Stage, *, say: Callable[[str], None]) -> list[Ledger]:
    """Run every rehearsal, the gentlest first; return their books."""
    ledgers = []
    for rehearse in (
        same_id_at_once,
        processes_killed,
        postgres_killed,
        valkey_lost,
        worker_frozen,
        hostile_mail,
        connections_exhausted,
    ):
        started = time.monotonic()
        ledger = rehearse(stage)
        ledgers.append(ledger)
        say(f"  {ledger.test}: {time.monotonic() - started:.0f} s")
    return ledgers


def same_id_at_once(stage: Stage) -> Ledger:
    """R8: 64 servers deliver the same mail at the same moment, ten mails in turn."""
    ledger = Ledger(test="R8 same id at once", size="10 ids x 64 deliveries")
    since = newest_event_id()
    mails = stage.correspondences(10, first=9000)
    for one in mails:
        with ThreadPoolExecutor(64) as pool:
            taken = list(pool.map(lambda _, c=one: _deliver(c, 0), range(64)))
        one.handed = sum(taken)
        one.refused = len(taken) - one.handed
        if one.handed:
            one.taken.append(one.message_id(0))
    _settle()
    count_inbound(ledger, mails, since=since)
    return ledger


def _deliver(correspondence: Correspondence, index: int) -> bool:
    return hand_over(
        port=settings.SMTP_PORT,
        sender=f"person{correspondence.number}@people.example",
        to=correspondence.to,
        raw=correspondence.mail(index),
    )


def processes_killed(stage: Stage) -> Ledger:
    """R1 and R6: processes die at random moments and at every named step."""
    return _under_load(
        stage,
        test="R1 R6 processes killed",
        first=1000,
        seconds=45,
        every_seconds=2.0,
        harm=[Faults.kill_any_process],
        counts_steps=True,
    )


def postgres_killed(stage: Stage) -> Ledger:
    """R2: the postmaster is killed three times under load."""
    return _under_load(
        stage,
        test="R2 PostgreSQL killed",
        first=2000,
        seconds=30,
        every_seconds=9.0,
        harm=[Faults.kill_postgres],
    )


def valkey_lost(stage: Stage) -> Ledger:
    """R3: Valkey is killed and emptied; what is lost with it is nothing."""
    ledger = _under_load(
        stage,
        test="R3 Valkey lost",
        first=3000,
        seconds=25,
        every_seconds=6.0,
        harm=[Faults.kill_valkey, Faults.flush_valkey],
    )
    ledger.notes.append(f"healed {_seconds_to_heal(stage):.1f} s after the last kill")
    return ledger


def _seconds_to_heal(stage: Stage) -> float:
    """Kill Valkey once more and time a mail from its 250 to the timeline."""
    (one,) = stage.correspondences(1, first=3900)
    Faults(stage.installation, stage.chance).kill_valkey()
    started = time.monotonic()
    while not _deliver(one, 0):
        time.sleep(0.1)
    while not MessageDetail.objects.filter(message_id=one.message_id(0)).exists():
        if time.monotonic() - started > SETTLE_SECONDS:
            break
        time.sleep(0.1)
    return time.monotonic() - started


def worker_frozen(stage: Stage) -> Ledger:
    """R4: a worker is stopped beyond its lease and goes on as a zombie."""
    return _under_load(
        stage,
        test="R4 worker frozen",
        first=4000,
        seconds=20,
        every_seconds=1.0,
        harm=[Faults.freeze_a_worker],
    )


def _under_load(
    stage: Stage,
    *,
    test: str,
    first: int,
    seconds: float,
    every_seconds: float,
    harm: Sequence[Callable[[Faults], None]],
    counts_steps: bool = False,
) -> Ledger:
    correspondences = stage.correspondences(16, first=first)
    ledger = Ledger(
        test=test,
        size=f"{len(correspondences)} customers, 4 mail servers, {seconds:.0f} s",
    )
    since, before = newest_event_id(), _steps_hit(stage)
    servers = [
        MailServer(
            correspondences[n::4],
            port=settings.SMTP_PORT,
            rounds=400,
            pace_seconds=0.05,
        )
        for n in range(4)
    ]
    for server in servers:
        server.start()
    faults = Faults(stage.installation, stage.chance)
    item_ids = _harm(stage, faults, harm, seconds=seconds, every_seconds=every_seconds)
    for server in servers:
        server.stop.set()
    for server in servers:
        server.join()
    _settle()
    count_inbound(ledger, correspondences, since=since)
    count_outbound(ledger, stage.sink.copies, item_ids=item_ids)
    ledger.faults = dict(faults.done)
    if counts_steps:
        hit = {k: v - before.get(k, 0) for k, v in _steps_hit(stage).items()}
        ledger.notes.append(f"died at: {hit}")
    return ledger


def _harm(
    stage: Stage,
    faults: Faults,
    harm: Sequence[Callable[[Faults], None]],
    *,
    seconds: float,
    every_seconds: float,
) -> list[int]:
    """Do harm in turn for a while, answering customers in between."""
    until = time.monotonic() + seconds
    next_harm = time.monotonic() + every_seconds
    item_ids: list[int] = []
    turn = 0
    while time.monotonic() < until:
        item_ids += _answer_somebody(stage)
        if time.monotonic() >= next_harm:
            harm[turn % len(harm)](faults)
            turn += 1
            next_harm = time.monotonic() + every_seconds
        time.sleep(0.2)
    return item_ids


def _answer_somebody(stage: Stage) -> list[int]:
    try:
        waiting = Conversation.objects.active().filter(waiting_since__isnull=False)
        conversation = waiting.order_by("?").select_related("identity").first()
        if conversation is None or conversation.identity is None:
            return []
        to = [{"name": "", "handle": conversation.identity.value}]
        item = send_reply(
            conversation_id=conversation.pk,
            author=stage.agent,
            writing=Writing(text="We are looking into it."),
            recipients=Recipients(to=to),
        )
    except OperationalError:
        # The database is away: an agent would see an error and try again.
        connection.close()
        return []
    return [item.pk]


def _steps_hit(stage: Stage) -> dict[str, int]:
    if not stage.crash_log.exists():
        return {}
    steps = stage.crash_log.read_text().split()
    return {step: steps.count(step) for step in sorted(set(steps))}


def hostile_mail(stage: Stage) -> Ledger:
    """R7: mails that break parsers, one among ten good ones."""
    poison = dict(poison_mails(to=stage.channel.address))
    good = stage.correspondences(10 * len(poison) // 4, first=7000)
    ledger = Ledger(
        test="R7 hostile mail", size=f"{len(poison)} hostile, {len(good) * 4} good"
    )
    since = newest_event_id()
    server = MailServer(good, port=settings.SMTP_PORT, rounds=4, pace_seconds=0.0)
    server.start()
    kept = [key for key, raw in poison.items() if _hand_over_poison(stage, raw)]
    server.join()
    _settle()
    count_inbound(ledger, good, since=since)
    count_poison(ledger, kept, since=since)
    return ledger


def _hand_over_poison(stage: Stage, raw: bytes) -> bool:
    return any(
        hand_over(
            port=settings.SMTP_PORT,
            sender="poison@people.example",
            to=stage.channel.address,
            raw=raw,
        )
        for _ in range(5)
    )


def connections_exhausted(stage: Stage) -> Ledger:
    """R10: PostgreSQL has no connection left; then it has again."""
    ledger = Ledger(test="R10 connections gone", size="1 customer; no full disk")
    since = newest_event_id()
    (one,) = stage.correspondences(1, first=5000)
    connection.close()
    faults = Faults(stage.installation, stage.chance)
    with faults.no_connections_left() as taken:
        if _deliver(one, 0):
            one.taken.append(one.message_id(0))
    started = time.monotonic()
    while not _deliver(one, 1) and time.monotonic() - started < SETTLE_SECONDS:
        time.sleep(0.2)
    one.taken.append(one.message_id(1))
    recovered = time.monotonic() - started
    _settle()
    count_inbound(ledger, [one], since=since)
    ledger.faults = dict(faults.done)
    ledger.notes.append(f"{taken} connections taken, recovered in {recovered:.1f} s")
    return ledger


def _settle() -> None:
    """Wait until nothing is on its way any more."""
    give_up_at = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < give_up_at:
        try:
            moving = (
                InboundEvent.objects.filter(state=EventState.NEW).exists()
                or Delivery.objects.filter(state__in=MOVING).exists()
            )
            if not moving:
                return
        except OperationalError:
            connection.close()
        time.sleep(0.25)
