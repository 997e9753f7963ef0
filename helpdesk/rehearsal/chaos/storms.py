"""Rehearsals of bad mail and of too much at once: R7 and R8 for mail."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from helpdesk.rehearsal.chaos.ledger import (
    Ledger,
    count_inbound,
    count_poison,
    newest_event_id,
)
from helpdesk.rehearsal.chaos.mailers import (
    TAKEN,
    Correspondence,
    MailServer,
    hand_over,
    hand_over_until_taken,
)
from helpdesk.rehearsal.chaos.poison import poison_mails
from helpdesk.rehearsal.chaos.stage import Stage, settle

IDS = 20
AT_ONCE = 64
PATIENCE_SECONDS = 20
MAILS_EACH = 4


def same_id_at_once(stage: Stage) -> Ledger:
    """R8: many servers deliver the same mail at the same moment."""
    ledger = Ledger(
        test="R8 same id at once", size=f"{IDS} ids x {AT_ONCE} concurrent deliveries"
    )
    since = newest_event_id()
    correspondences = stage.correspondences(IDS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one in correspondences:
            list(pool.map(_deliver, [one] * AT_ONCE))
    for one in correspondences:
        one.taken = one.taken[:1]
    settle()
    count_inbound(ledger, correspondences, since=since, door_stays_open=True)
    if ledger.journalled != IDS:
        ledger.problems.append(f"{ledger.journalled} rows in the journal, not {IDS}")
    return ledger


def _deliver(correspondence: Correspondence) -> None:
    hand_over_until_taken(
        correspondence, 0, port=settings.SMTP_PORT, seconds=PATIENCE_SECONDS
    )


def hostile_mail(stage: Stage) -> Ledger:
    """R7: mails that break parsers, one among ten good ones."""
    poison = dict(poison_mails(to=stage.channel.address))
    good = stage.correspondences(10 * len(poison) // MAILS_EACH)
    ledger = Ledger(
        test="R7 hostile mail",
        size=f"{len(poison)} hostile among {len(good) * MAILS_EACH} good",
    )
    since = newest_event_id()
    server = MailServer(
        good, port=settings.SMTP_PORT, rounds=MAILS_EACH, pace_seconds=0.0
    )
    server.start()
    kept = [key for key, raw in poison.items() if _hand_over_poison(stage, raw)]
    server.join()
    settle()
    count_inbound(ledger, good, since=since, door_stays_open=True)
    count_poison(ledger, kept, since=since)
    if len(kept) < len(poison):
        ledger.notes.append(f"{len(poison) - len(kept)} turned away at the door")
    return ledger


def _hand_over_poison(stage: Stage, raw: bytes) -> bool:
    return any(
        hand_over(
            port=settings.SMTP_PORT,
            sender="poison@people.example",
            to=stage.channel.address,
            raw=raw,
        )
        == TAKEN
        for _ in range(5)
    )
