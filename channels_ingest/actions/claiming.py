"""Take rows of the journal to read, and write down what became of them."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from channels_ingest.models import MAX_ATTEMPTS, EventState, InboundEvent
from helpdesk.core.planned import PlannedStatement, Slot

BATCH = 100
BATCH_BYTES = 32 * 1024 * 1024
DIED_OFTEN = "The program that reads it ended unexpectedly, several times."
_LONGEST_PAUSE = timedelta(hours=1)

_CLAIM = """
WITH waiting AS (
    SELECT id, size, run_at, attempts FROM channels_ingest_inboundevent
    WHERE state = 'new' AND channel_id = %(channel)s
      AND {condition} AND NOT id = ANY(%(held)s::bigint[])
    ORDER BY {order} LIMIT {limit} FOR UPDATE SKIP LOCKED
), numbered AS (
    SELECT id, row_number() OVER line AS place, sum(size) OVER line AS bytes,
           bool_or(attempts > 1) OVER line AS is_suspect
    FROM waiting WINDOW line AS (ORDER BY {order})
)
UPDATE channels_ingest_inboundevent AS event SET attempts = attempts + 1
FROM numbered WHERE event.id = numbered.id
  AND ((place = 1 AND (%(alone)s OR NOT is_suspect))
       OR (bytes <= {bytes} AND NOT is_suspect))
RETURNING place, event.id, source, raw, headers::text, dedupe_key, attempts, received_at
"""

_RESULT = "(%s::bigint, %s, %s, %s::bigint, %s::bigint)"
_SETTLE = """
UPDATE channels_ingest_inboundevent AS event
SET state = result.state, reason = result.reason, traceback = '',
    item_id = result.item_id, conversation_id = result.conversation_id,
    handled_at = %s
FROM (VALUES {rows}) AS result (id, state, reason, item_id, conversation_id)
WHERE event.id = result.id AND event.state = 'new'
"""


def _claim_of(*, condition: str, order: str, limit: int) -> PlannedStatement:
    """Return the statement for a line: who stands in it, and who is before whom."""
    return PlannedStatement.named(
        _CLAIM.format(condition=condition, order=order, limit=limit, bytes=BATCH_BYTES),
        now=datetime,
        channel=int,
        held=list,
        alone=bool,
    )


# By number, not by time: clocks of machines differ, and may be set back.
_FRESH = _claim_of(condition="reason = ''", order="id", limit=BATCH)
_RETRY = _claim_of(
    condition="reason <> '' AND run_at <= %(now)s", order="run_at, id", limit=1
)
_SETTLE_ONE = PlannedStatement(
    _SETTLE.format(rows=_RESULT),
    [
        *(Slot("now", datetime), Slot("event", int), Slot("state", str)),
        *(Slot("reason", str), Slot("item", int), Slot("conversation", int)),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One journalled input that we are about to read; the try is counted already."""

    event_id: int
    source: str
    raw: bytes
    headers: dict[str, Any]
    dedupe_key: str
    attempts: int
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one input."""

    event_id: int
    state: str
    reason: str = ""
    item_id: int | None = None
    conversation_id: int | None = None


def channels_with_new(*, now: datetime) -> list[int]:
    """Return the channels that have something to read now."""
    return list(
        InboundEvent.objects.due(now=now)
        .order_by("channel_id")
        .values_list("channel_id", flat=True)
        .distinct()
    )


def claim_fresh(*, channel_id: int, now: datetime) -> list[Claimed]:
    """Take the next inputs in the order they came; committed when this returns.

    What may have killed a worker twice comes alone, so that it harms no other. The
    caller holds the channel's lock: nobody else reads it at the same time.
    """
    return _claim(_FRESH, channel_id=channel_id, now=now)


def claim_ahead(
    *, channel_id: int, held: Sequence[Claimed], now: datetime
) -> list[Claimed]:
    """Take what follows the inputs in `held`, unless one of either has to be alone."""
    if any(is_suspect(one) for one in held):
        return []
    return _claim(
        _FRESH,
        channel_id=channel_id,
        now=now,
        held=[one.event_id for one in held],
        alone=False,
    )


def claim_retry(*, channel_id: int, now: datetime) -> list[Claimed]:
    """Take one input that could not be read before and is due again."""
    return _claim(_RETRY, channel_id=channel_id, now=now)


def is_suspect(claimed: Claimed) -> bool:
    """Whether two workers ended while they were at this input."""
    return claimed.attempts > 2  # this try is counted already


@transaction.atomic(durable=True)
def _claim(
    line: PlannedStatement,
    *,
    channel_id: int,
    now: datetime,
    held: Sequence[int] = (),
    alone: bool = True,
) -> list[Claimed]:
    with connection.cursor() as cursor:
        line.run(cursor, now=now, channel=channel_id, held=list(held), alone=alone)
        rows = sorted(cursor.fetchall())
    return [
        Claimed(
            event_id=event_id,
            source=source,
            raw=bytes(raw),
            headers=json.loads(headers),
            dedupe_key=dedupe_key,
            attempts=attempts,
            received_at=received_at,
        )
        for _, event_id, source, raw, headers, dedupe_key, attempts, received_at in rows
    ]


def settle(*, settled: Sequence[Settled], now: datetime) -> None:
    """Write down what became of inputs; part of the caller's transaction."""
    if not settled:
        return
    with connection.cursor() as cursor:
        if len(settled) == 1:
            _SETTLE_ONE.run(cursor, now=now, **_result(settled[0]))
            return
        values: list[Any] = [now]
        for one in settled:
            values += _result(one).values()
        rows = ", ".join([_RESULT] * len(settled))
        cursor.execute(_SETTLE.format(rows=rows), values)


def _result(settled: Settled) -> dict[str, Any]:
    """Return what is written of an input, in the order of `_RESULT`."""
    return {
        "event": settled.event_id,
        "state": settled.state,
        "reason": settled.reason,
        "item": settled.item_id,
        "conversation": settled.conversation_id,
    }


def set_back(*, claimed: Sequence[Claimed]) -> None:
    """Undo the counting of tries that were never made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_ingest_inboundevent SET attempts = attempts - 1"
            " WHERE id = ANY(%s) AND state = 'new' AND attempts > 0",
            [[one.event_id for one in claimed]],
        )


@transaction.atomic
def fail(
    *,
    claimed: Claimed,
    reason: str,
    traceback: str = "",
    is_final: bool = False,
    now: datetime,
) -> None:
    """Put an input off, or aside for people when it has had all its tries."""
    event = (
        InboundEvent.objects.select_for_update().only("state").get(pk=claimed.event_id)
    )
    if event.state != EventState.NEW:
        return
    event.reason = reason
    event.traceback = traceback.replace("\0", "\ufffd")
    if is_final or claimed.attempts >= MAX_ATTEMPTS:
        event.state = EventState.QUARANTINED
        event.handled_at = now
    else:
        event.run_at = now + _pause(claimed.attempts)
    event.save(update_fields=["state", "reason", "traceback", "run_at", "handled_at"])


def _pause(attempts: int) -> timedelta:
    longest = min(timedelta(seconds=2**attempts), _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load
