"""The books: what was promised against what is there.

What counts, and as what:

- *sent* is every mail that was answered with 250, once. *lost* is one of these that
  stands on no timeline, even if it waits in the tray, for there is nothing wrong
  with it. *duplicated* is each copy on a timeline beyond the first.
- *reordered*: a mail server hands over one mail at a time and goes on only after the
  250, so the order of its first 250s is the order in which the desk got one
  customer's mails. Two neighbors of one conversation that stand the other way round
  are one reordering. That a server hands over mails in another order than they were
  written, or hands one over again that was refused or taken already, is no
  reordering: what counts is when it was first taken. Mails of different servers have
  no order among each other.
- An answer is *lost* if the desk took it from the agent and it is neither with the
  customer's server nor visibly failed nor visibly unconfirmed; *duplicated* is every
  further copy that the world's server took; *reordered* are neighbors of one
  conversation that reached it the other way round. *unconfirmed* is what the desk says
  it does not know: it never sends such an answer again by itself.
- A hostile mail may be shown or wait in the tray; it is lost if it is at neither place.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from django.db.models import Max

from channels_ingest.models import EventState, InboundEvent
from helpdesk.rehearsal.chaos.mailers import NO_ANSWER, TAKEN, Correspondence
from inbox.models import Delivery, DeliveryState, MessageDetail

PERMANENT = 500
_COLUMNS = (
    *("sent", "journalled", "shown", "quarantined", "answers", "delivered"),
    *("unconfirmed", "unseen", "lost", "duplicated", "reordered"),
)


@dataclass(kw_only=True)
class Ledger:
    """One rehearsal's figures; the last four must be zero, and no problem named."""

    test: str
    size: str
    sent: int = 0
    """Mails answered with 250, each once."""
    handed_over: int = 0
    """All hand-overs that were answered with 250, redeliveries included."""
    refused: dict[int, int] = field(default_factory=dict)
    """Other answers by their SMTP code; 0 is a line that went dead."""
    journalled: int = 0
    shown: int = 0
    quarantined: int = 0
    answers: int = 0
    delivered: int = 0
    unconfirmed: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    unseen: int = 0
    """What browsers that looked on did not show in the end."""
    healed_seconds: float | None = None
    """From the last fault until a new mail was on its timeline."""
    seconds: float = 0
    faults: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What else is not as it has to be."""
    not_run: str = ""
    """Why this part could not be rehearsed here; then nothing is said about it."""

    @property
    def holds(self) -> bool | None:
        """Whether everything is as it has to be; None if it was not tried."""
        if self.not_run:
            return None
        wrong = self.lost or self.duplicated or self.reordered or self.unseen
        return not (wrong or self.problems)

    def note_healing(self, seconds: float | None, *, within: float) -> None:
        """Remember how long it took; `seconds` is None if it never healed."""
        self.healed_seconds = seconds
        if seconds is None:
            self.problems.append("a new mail never came to its timeline")
        elif seconds > within:
            self.problems.append(
                f"healed after {seconds:.1f} s, and {within:.0f} s are allowed"
            )


def newest_event_id() -> int:
    return InboundEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0


def count_inbound(
    ledger: Ledger,
    correspondences: Sequence[Correspondence],
    *,
    since: int,
    door_stays_open: bool = False,
) -> None:
    """Compare what mail servers were promised with what is on timelines.

    `since` is the newest row of the journal before the test began. With
    `door_stays_open` a line without any answer is a problem too.
    """
    taken = [message_id for c in correspondences for message_id in c.taken]
    ledger.sent += len(taken)
    _count_journal(ledger, since=since)
    _count_codes(ledger, correspondences, door_stays_open=door_stays_open)
    shown = Counter(
        MessageDetail.objects.filter(message_id__in=taken).values_list(
            "message_id", flat=True
        )
    )
    ledger.shown += len(shown)
    ledger.lost += len(set(taken) - set(shown))
    ledger.duplicated += sum(copies - 1 for copies in shown.values())
    ledger.reordered += sum(_inversions(c) for c in correspondences)


def _count_journal(ledger: Ledger, *, since: int) -> None:
    events = InboundEvent.objects.filter(pk__gt=since)
    ledger.journalled = events.count()
    ledger.quarantined = events.filter(state=EventState.QUARANTINED).count()
    if waiting := events.filter(state=EventState.NEW).count():
        ledger.problems.append(f"{waiting} mails still wait to be read")


def _count_codes(
    ledger: Ledger, correspondences: Sequence[Correspondence], *, door_stays_open: bool
) -> None:
    codes: Counter[int] = sum((c.answers for c in correspondences), Counter())
    ledger.handed_over += codes.pop(TAKEN, 0)
    ledger.refused = dict(sorted(codes.items()))
    for code, times in ledger.refused.items():
        if code >= PERMANENT:
            ledger.problems.append(f"{times} mails turned away for ever with {code}")
        if code == NO_ANSWER and door_stays_open:
            ledger.problems.append(f"{times} mails got no answer at all")


def _inversions(correspondence: Correspondence) -> int:
    """Count neighbors on the timeline that stand the wrong way round."""
    expected = {key: place for place, key in enumerate(correspondence.taken)}
    places: dict[int, list[int]] = defaultdict(list)
    rows = (
        MessageDetail.objects.filter(message_id__in=correspondence.taken)
        .order_by("item__conversation_id", "item__seq")
        .values_list("item__conversation_id", "message_id")
    )
    for conversation_id, message_id in rows:
        places[conversation_id].append(expected[message_id])
    return sum(_wrong_way_round(line) for line in places.values())


def _wrong_way_round(line: Sequence[int]) -> int:
    return sum(second < first for first, second in pairwise(line))


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
    ledger: Ledger,
    promised: Mapping[int, str],
    *,
    copies: Mapping[str, int],
    arrived: Sequence[str],
) -> None:
    """Compare what the desk took from agents with what the world's server took.

    `promised` is the token of each answer by its item, `copies` and `arrived` are
    what the server counted.
    """
    states = dict(Delivery.objects.filter(pk__in=promised).values_list("pk", "state"))
    ledger.answers += len(promised)
    for item_id, token in promised.items():
        count, state = copies.get(token, 0), states.get(item_id)
        ledger.delivered += bool(count)
        ledger.duplicated += max(0, count - 1)
        ledger.unconfirmed += state == DeliveryState.UNCONFIRMED
        ledger.lost += _is_lost(state, count)
        if state == DeliveryState.FAILED:
            ledger.problems.append(f"answer {item_id} failed for ever")
    ledger.reordered += _answers_overtaken(promised, arrived)


def _is_lost(state: str | None, copies: int) -> bool:
    if state == DeliveryState.SENT:
        return not copies
    # Neither sent nor visibly stuck: nobody would ever hear of it.
    return state not in (DeliveryState.FAILED, DeliveryState.UNCONFIRMED)


def _answers_overtaken(promised: Mapping[int, str], arrived: Sequence[str]) -> int:
    place = {token: number for number, token in enumerate(arrived)}
    lines: dict[int, list[int]] = defaultdict(list)
    rows = (
        Delivery.objects.filter(pk__in=promised)
        .order_by("conversation_id", "pk")
        .values_list("conversation_id", "pk")
    )
    for conversation_id, item_id in rows:
        if promised[item_id] in place:
            lines[conversation_id].append(place[promised[item_id]])
    return sum(_wrong_way_round(line) for line in lines.values())


def report(ledgers: Sequence[Ledger]) -> str:
    """Return the ledgers as a table for people."""
    lines = ["  " + f"{'test':<24}" + "".join(f"{name:>12}" for name in _COLUMNS)]
    for ledger in ledgers:
        lines += _lines_of(ledger)
    return "\n".join(lines)


def _lines_of(ledger: Ledger) -> list[str]:
    if ledger.not_run:
        return [f"  {ledger.test:<24}    NOT RUN: {ledger.not_run}"]
    figures = "".join(f"{getattr(ledger, name):>12,}" for name in _COLUMNS)
    refused = ", ".join(
        f"{f'{code} x' if code else 'no answer x'}{times}"
        for code, times in ledger.refused.items()
    )
    done = ", ".join(f"{name} x{count}" for name, count in ledger.faults.items())
    details = [
        f"{ledger.size}; {ledger.seconds:.0f} s",
        *([f"done: {done}"] if done else []),
        *([f"mails put off: {refused}"] if refused else []),
        *(
            [f"healed within {ledger.healed_seconds:.1f} s"]
            if ledger.healed_seconds is not None
            else []
        ),
        *ledger.notes,
        *(f"PROBLEM: {problem}" for problem in ledger.problems),
    ]
    return [f"  {ledger.test:<24}{figures}", *(f"      {line}" for line in details)]


def write(ledgers: Sequence[Ledger], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(ledger), "holds": ledger.holds} for ledger in ledgers]
    path.write_text(json.dumps(rows, indent=1) + "\n")
