"""Who is on the site right now, and what they look at.

Kept in Valkey only, with an expiry: losing it costs the time until their browsers say
again that they are there. Whoever has not written is known by an id that their page
made up for as long as it is open.
"""

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import redis

from helpdesk.chat.pages import Page
from helpdesk.core.doorbell import valkey

logger = logging.getLogger(__name__)

STAY_SECONDS: Final = 150
"""After so long without a word somebody is no longer there."""
GRACE_SECONDS: Final = 20
"""From one page to the next a browser is gone for a moment."""
REMEMBERED_SECONDS: Final = 86_400
"""So long it is known to the second when somebody left."""
MOST_PRESENT: Final = 1000
"""Kept of one channel; who has been silent for longest is dropped."""

_ARRIVE: Final = """
if redis.call('EXISTS', KEYS[3]) == 1 then return {0, 0} end
local entry = {since = tonumber(ARGV[2]), pages = 0}
local known = redis.call('HGET', KEYS[2], ARGV[1])
if known then entry = cjson.decode(known) end
if entry.url ~= ARGV[3] then entry.pages = entry.pages + 1 end
entry.url, entry.title = ARGV[3], ARGV[4]
if tonumber(ARGV[5]) > entry.pages then
  entry.pages, entry.since = tonumber(ARGV[5]), tonumber(ARGV[6])
end
redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(entry))
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if ARGV[7] ~= '' then
  redis.call('ZREM', KEYS[1], ARGV[7])
  redis.call('HDEL', KEYS[2], ARGV[7])
end
local gone = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[8], 'BYSCORE')
local surplus = redis.call('ZCARD', KEYS[1]) - #gone - tonumber(ARGV[9])
if surplus > 0 then
  gone = redis.call('ZRANGE', KEYS[1], 0, #gone + surplus - 1)
end
for first = 1, #gone, 500 do
  local some = {unpack(gone, first, math.min(first + 499, #gone))}
  redis.call('ZREM', KEYS[1], unpack(some))
  redis.call('HDEL', KEYS[2], unpack(some))
end
redis.call('EXPIRE', KEYS[1], ARGV[10])
redis.call('EXPIRE', KEYS[2], ARGV[10])
return {entry.pages, entry.since}
"""

_END: Final = """
redis.call('SET', KEYS[3], '', 'EX', ARGV[2])
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
"""

_DEPART: Final = """
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return redis.call('ZADD', KEYS[1], 'XX', ARGV[1], ARGV[2])
"""

Command = tuple[Any, ...]
"""What `eval` of a client takes, waiting or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attending:
    """Somebody who is on the site now."""

    channel_id: int
    visitor_id: int | None
    """None for whoever has not written yet."""
    title: str
    url: str
    since: datetime
    page_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What a socket remembers of its visitor, for Valkey may forget it."""

    page_count: int = 0
    since: int = 0


def visitor_key(visitor_id: int) -> str:
    return f"v:{visitor_id}"


def passer_key(visit: str) -> str:
    """Return the key of somebody without a token, by the id that their page made up."""
    return f"p:{visit}"


def arrival(
    *,
    channel_id: int,
    key: str,
    page: Page,
    now: datetime,
    so_far: Stay | None = None,
    instead_of: str = "",
) -> Command:
    """Say that somebody looks at `page`; the answer is their pages and since when.

    :param so_far: what is known of their stay, should Valkey have lost it
    :param instead_of: the key they had before they were known
    """
    so_far = so_far or Stay()
    at = int(now.timestamp())
    return (
        *(_ARRIVE, 3, _times(channel_id), _entries(channel_id)),
        _ended(channel_id, key),
        *(key, at, page.url, page.title, so_far.page_count, so_far.since),
        *(instead_of, at - STAY_SECONDS, MOST_PRESENT, STAY_SECONDS),
    )


def note_arrival(
    *, channel_id: int, key: str, page: Page, now: datetime, instead_of: str = ""
) -> None:
    """Say that somebody looks at `page`. Never raises."""
    _note(
        arrival(
            channel_id=channel_id, key=key, page=page, now=now, instead_of=instead_of
        )
    )


def departure(*, channel_id: int, key: str, now: datetime) -> Command:
    """Say that a socket closed; they are gone unless another says otherwise soon."""
    at = int(now.timestamp())
    return (
        *(_DEPART, 2, _times(channel_id), _left(channel_id, key)),
        *(at - STAY_SECONDS + GRACE_SECONDS, key, at, REMEMBERED_SECONDS),
    )


def note_departure(*, channel_id: int, key: str, now: datetime) -> None:
    """Say that somebody left a page; another may say otherwise. Never raises."""
    _note(departure(channel_id=channel_id, key=key, now=now))


def note_end(*, channel_id: int, visit: str) -> None:
    """Say that a page is not open any more, whoever looked at it. Never raises.

    What it has sent before and comes only now changes nothing.
    """
    key = passer_key(visit)
    keys = (_times(channel_id), _entries(channel_id), _ended(channel_id, key))
    _note((_END, 3, *keys, key, STAY_SECONDS))


def on_the_site(channel_ids: Collection[int], *, now: datetime) -> list[Attending]:
    """Return who is there, whoever came last first; nobody when Valkey is away."""
    found: list[Attending] = []
    for channel_id in channel_ids:
        keys = _present(channel_id, now=now)
        found += _read(channel_id, keys)
    return sorted(found, key=lambda it: it.since, reverse=True)


def where_is(
    visitors: Collection[tuple[int, int]], *, now: datetime
) -> Attending | None:
    """Return where one of these is right now, if on the site at all.

    :param visitors: ids of visitors, each with that of their channel
    """
    for visitor_id, channel_id in visitors:
        key = visitor_key(visitor_id)
        if key in _present(channel_id, now=now):
            return next(iter(_read(channel_id, [key])), None)
    return None


def last_there(
    visitors: Collection[tuple[int, int]], *, now: datetime
) -> datetime | None:
    """Return `now` while one of these is there, else when the last of them left.

    None if that is forgotten.

    :param visitors: ids of visitors, each with that of their channel
    :raises redis.RedisError: if Valkey is away
    """
    line = valkey().pipeline(transaction=False)
    for visitor_id, channel_id in visitors:
        key = visitor_key(visitor_id)
        line.zscore(_times(channel_id), key)
        line.get(_left(channel_id, key))
    answers = line.execute()
    silent_since = int(now.timestamp()) - STAY_SECONDS
    if any(score is not None and score > silent_since for score in answers[::2]):
        return now
    left = [int(at) for at in answers[1::2] if at is not None]
    return datetime.fromtimestamp(max(left), tz=UTC) if left else None


def _note(command: Command) -> None:
    try:
        valkey().eval(*command)
    except redis.RedisError as error:
        logger.warning("attendance not noted: %s", type(error).__name__)


def _present(channel_id: int, *, now: datetime) -> list[str]:
    since = int(now.timestamp()) - STAY_SECONDS
    try:
        keys: Any = valkey().zrangebyscore(_times(channel_id), f"({since}", "+inf")
    except redis.RedisError:
        return []
    return [key.decode() for key in keys]


def _read(channel_id: int, keys: list[str]) -> list[Attending]:
    if not keys:
        return []
    try:
        entries: Any = valkey().hmget(_entries(channel_id), keys)
    except redis.RedisError:
        return []
    pairs = zip(keys, entries, strict=True)
    return [_attending(channel_id, key, json.loads(it)) for key, it in pairs if it]


def _attending(channel_id: int, key: str, entry: dict[str, Any]) -> Attending:
    kind, _, number = key.partition(":")
    return Attending(
        channel_id=channel_id,
        visitor_id=int(number) if kind == "v" else None,
        title=str(entry["title"]),
        url=str(entry["url"]),
        since=datetime.fromtimestamp(entry["since"], tz=UTC),
        page_count=int(entry["pages"]),
    )


def _times(channel_id: int) -> str:
    return f"site:{channel_id}:times"


def _entries(channel_id: int) -> str:
    return f"site:{channel_id}:pages"


def _ended(channel_id: int, key: str) -> str:
    return f"site:{channel_id}:ended:{key}"


def _left(channel_id: int, key: str) -> str:
    return f"site:{channel_id}:left:{key}"
