"""Keep what somebody handed us, before anything else is done with it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from channels_ingest.models import EventState
from channels_ingest.sole_reader import SOLE_IN_TRANSACTION, WATCHED_IN_TRANSACTION
from helpdesk.core.bells import INGEST
from helpdesk.core.crash_points import crash_point
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.planned import PlannedStatement, Slot

_COLUMNS: Mapping[str, type] = {
    "channel_id": int,
    "dedupe_key": str,
    "source": str,
    "raw": bytes,
    "headers": str,
    "sha256": str,
    "size": int,
    "received_at": datetime,
    "run_at": datetime,
    "redeliveries": int,
    "state": str,
}
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, '', '')"
_INSERT = f"""
INSERT INTO channels_ingest_inboundevent AS journal
    ({", ".join(_COLUMNS)}, attempts, reason, traceback) {{rows}}
ON CONFLICT (channel_id, dedupe_key) DO UPDATE
    SET redeliveries = journal.redeliveries + 1 + excluded.redeliveries
RETURNING id, channel_id, dedupe_key, xmax = 0
"""  # noqa: S608 - columns of ours
_SLOTS = [Slot(name, kind) for name, kind in _COLUMNS.items()]
_INSERT_ONE = PlannedStatement(_INSERT.format(rows=f"VALUES {_ROW}"), _SLOTS)
_INSERT_NEXT = PlannedStatement(
    _INSERT.format(
        rows=f"""
SELECT * FROM (VALUES
    (%s::bigint, %s::text, %s::text, %s::bytea, %s::jsonb, %s::text, %s::bigint,
     %s::timestamptz, %s::timestamptz, %s::bigint, %s::text, 1, '', '')) AS next
WHERE {SOLE_IN_TRANSACTION} AND NOT EXISTS (
    SELECT FROM channels_ingest_inboundevent AS other
    WHERE other.state = 'new' AND other.channel_id = %s)"""  # noqa: S608
    ),
    [*_SLOTS, Slot("channel_id", int), Slot("channel_id", int)],
)
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Raw bytes that somebody handed us for one channel."""

    channel_id: int
    source: str
    raw: bytes
    dedupe_key: str
    headers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> _Key:
        return self.channel_id, self.dedupe_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The journal's row, and whether it was made just now."""

    event_id: int
    is_new: bool


def record_inbound(
    *,
    channel_id: int,
    source: str,
    raw: bytes,
    dedupe_key: str,
    headers: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Recorded:
    """Keep raw input for ever; it is on disk when this returns.

    The same `dedupe_key` on the same channel is kept once and its deliveries counted.
    """
    handed = Handed(
        channel_id=channel_id,
        source=source,
        raw=raw,
        dedupe_key=dedupe_key,
        headers=headers or {},
    )
    return record_batch(handed=[handed], now=now)[0]


@transaction.atomic(durable=True)
def record_batch(
    *, handed: Sequence[Handed], now: datetime | None = None
) -> list[Recorded]:
    """Keep several inputs in one commit; return their rows in the same order."""
    if not handed:
        return []
    rows = _insert(_counted(handed), now=now or timezone.now())
    transaction.on_commit(partial(crash_point, "journal.after_commit"))
    ring_after_commit(INGEST)
    crash_point("journal.before_commit")
    firsts: set[_Key] = set()
    recorded = []
    for one in handed:
        event_id, is_new = rows[one.key]
        recorded.append(
            Recorded(event_id=event_id, is_new=is_new and one.key not in firsts)
        )
        firsts.add(one.key)
    return recorded


def record_next(handed: Handed, *, now: datetime) -> Recorded | None:
    """Keep an input that the caller reads in this very transaction, as sole reader.

    None if that cannot be: another one reads the channel, or something waits in it.
    """
    with connection.cursor() as cursor:
        sql, values = _INSERT_NEXT.call(_values(handed, again=0, now=now))
        cursor.execute(f"{WATCHED_IN_TRANSACTION}; {sql}", values)
        for event_id, _, _, is_new in cursor.fetchall():
            transaction.on_commit(partial(crash_point, "journal.after_commit"))
            return Recorded(event_id=event_id, is_new=is_new)
    return None


def _counted(handed: Sequence[Handed]) -> list[tuple[Handed, int]]:
    """Return each key once, with how often it comes again in this very batch.

    In the order of their keys, so that two batches cannot wait for each other.
    """
    again: dict[_Key, int] = {}
    firsts: dict[_Key, Handed] = {}
    for one in handed:
        again[one.key] = again.get(one.key, -1) + 1
        firsts.setdefault(one.key, one)
    return [(firsts[key], again[key]) for key in sorted(firsts)]


def _insert(
    counted: Sequence[tuple[Handed, int]], *, now: datetime
) -> dict[_Key, tuple[int, bool]]:
    rows = [_values(one, again=again, now=now) for one, again in counted]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            _INSERT_ONE.run(cursor, **rows[0])
        else:
            values = ", ".join([_ROW] * len(rows))
            statement = _INSERT.format(rows=f"VALUES {values}")
            cursor.execute(statement, [it for row in rows for it in row.values()])
        return {
            (channel_id, key): (event_id, is_new)
            for event_id, channel_id, key, is_new in cursor.fetchall()
        }


def _values(one: Handed, *, again: int, now: datetime) -> dict[str, Any]:
    """Return what is written of one, in the order of `_COLUMNS`."""
    return {
        "channel_id": one.channel_id,
        "dedupe_key": one.dedupe_key,
        "source": one.source,
        "raw": one.raw,
        "headers": _as_json(one.headers),
        "sha256": hashlib.sha256(one.raw).hexdigest(),
        "size": len(one.raw),
        "received_at": now,
        "run_at": now,
        "redeliveries": again,
        "state": EventState.NEW,
    }


def _as_json(headers: Mapping[str, Any]) -> str:
    return json.dumps(_storable(headers), ensure_ascii=False)


def _storable(value: Any) -> Any:
    """Return what jsonb can hold: it knows neither NUL nor half of a character."""
    if isinstance(value, Mapping):
        return {_storable(str(key)): _storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd")
        return text.encode("utf-8", errors="replace").decode("utf-8")
    return value if isinstance(value, int | float | None) else str(value)
