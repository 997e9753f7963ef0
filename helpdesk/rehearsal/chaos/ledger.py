"""The books: what was promised against what is there."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from django.db.models import Max

from channels_ingest.models import EventState, InboundEvent
from helpdesk.rehearsal.chaos.mailers import Correspondence
from inbox.models import Delivery, DeliveryState, MessageDetail


@dataclass(kw_only=True)
class Ledger:
    """One rehearsal's figures; the last three must be zero."""

    test: str
    size: str
    sent: int = 0
    """Mails answered with 250, each once."""
    handed_over: int = 0
    """All hand-overs that were answered with 250, redeliveries included."""
    journalled: int = 0
    shown: int = 0
    quarantined: int = 0
    answers: int = 0
    delivered: int = 0
    unconfirmed: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.duplicated or self.reordered)


def newest_event_id() -> int:
    return InboundEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0


def count_inbound(
    ledger: Ledger, correspondences: Sequence[Correspondence], *, since: int
) -> None:
    """Compare what mail servers were promised with what is on timelines.

    `since` is the newest row of the journal before the test began.
    """
    taken = [message_id for c in correspondences for message_id in c.taken]
    ledger.sent += len(taken)
    ledger.handed_over += sum(c.handed for c in correspondences)
    events = InboundEvent.objects.filter(pk__gt=since)
    ledger.journalled = events.count()
    ledger.quarantined = events.filter(state=EventState.QUARANTINED).count()
    shown = Counter(
        MessageDetail.objects.filter(message_id__in=taken).values_list(
            "message_id", flat=True
        )
    )
    ledger.shown += len(shown)
    ledger.lost += len(set(taken) - set(shown))
    ledger.duplicated += sum(copies - 1 for copies in shown.values())
    ledger.reordered += sum(_inversions(c) for c in correspondences)


def _inversions(correspondence: Correspondence) -> int:
    """Count neighbours on the timeline that stand the wrong way round."""
    expected = {key: place for place, key in enumerate(correspondence.taken)}
    places: dict[int, list[int]] = defaultdict(list)
    rows = (
        MessageDetail.objects.filter(message_id__in=correspondence.taken)
        .order_by("item__conversation_id", "item__seq")
        .values_list("item__conversation_id", "message_id")
    )
    for conversation_id, message_id in rows:
        places[conversation_id].append(expected[message_id])
    return sum(
        second < first for line in places.values() for first, second in pairwise(line)
    )


def count_poison(ledger: Ledger, message_ids: Iterable[str], *, since: int) -> None:
    """Check that hostile mail is shown or quarantined, never gone."""
    wanted = set(message_ids)
    shown = set(
        MessageDetail.objects.filter(message_id__in=wanted).values_list(
            "message_id", flat=True
        )
    )
    ledger.sent += len(wanted)
    ledger.shown += len(shown)
    in_tray = InboundEvent.objects.filter(
        state=EventState.QUARANTINED, pk__gt=since
    ).count()
    ledger.lost += max(0, len(wanted - shown) - in_tray)
    ledger.notes.append(f"hostile mails: {len(shown)} shown, {in_tray} in the tray")


def count_outbound(
    ledger: Ledger, copies: Counter[str], *, item_ids: Sequence[int]
) -> None:
    """Compare what the desk says it sent with what the world's servers took."""
    deliveries = list(Delivery.objects.filter(pk__in=item_ids))
    sent = [d.provider_message_id for d in deliveries if d.provider_message_id]
    ledger.answers = len(deliveries)
    ledger.delivered = sum(1 for key in sent if copies[key])
    ledger.duplicated += sum(max(0, copies[key] - 1) for key in sent)
    for delivery in deliveries:
        if delivery.state == DeliveryState.UNCONFIRMED:
            ledger.unconfirmed += 1
        elif delivery.state == DeliveryState.SENT:
            ledger.lost += copies[delivery.provider_message_id] == 0
        else:
            # Neither sent nor visibly stuck: nobody would ever hear of it.
            ledger.lost += delivery.state not in (DeliveryState.FAILED,)


def report(ledgers: Sequence[Ledger]) -> str:
    """Return the ledgers as a table for people."""
    columns = (
        *("sent", "journalled", "shown", "quarantined", "answers", "delivered"),
        *("unconfirmed", "lost", "duplicated", "reordered"),
    )
    lines = ["  " + f"{'test':<26}" + "".join(f"{name:>12}" for name in columns)]
    for ledger in ledgers:
        figures = "".join(f"{getattr(ledger, name):>12,}" for name in columns)
        lines.append(f"  {ledger.test:<26}{figures}   {ledger.size}")
        done = ", ".join(f"{name} x{count}" for name, count in ledger.faults.items())
        lines += [f"      {done}"] if done else []
        lines += [f"      {note}" for note in ledger.notes]
    return "\n".join(lines)


def write(ledgers: Sequence[Ledger], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(ledger), "holds": ledger.holds} for ledger in ledgers]
    path.write_text(json.dumps(rows, indent=1) + "\n")
