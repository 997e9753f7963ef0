"""How an app announces that something happened, and how others hear of it.

`take_part()` runs at once, in the transaction that made it true: for what must never
be seen without the other. `subscribe()` keeps an `OutboxEvent` row in that transaction:
the subscriber runs at least once, later, in the relay. `watch()` runs after the commit
in this process and may be lost. Sending mail must survive a crash, moving a badge need
not.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.utils.module_loading import import_string

from helpdesk.core.bells import OUTBOX
from helpdesk.core.doorbell import ring_after_commit
from helpdesk.core.many_rows import insert_rows
from helpdesk.core.models import OutboxEvent

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every event: a frozen dataclass of ids."""


E = TypeVar("E", bound=Event)
Handler = Callable[[Any], None]
Condition = Callable[[Any], bool]

_partakers: dict[type[Event], dict[Handler, Condition]] = defaultdict(dict)
_subscribers: dict[type[Event], dict[Handler, Condition]] = defaultdict(dict)
_watchers: dict[type[Event], list[Handler]] = defaultdict(list)


def dotted_path(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def _always(_event: Event) -> bool:
    return True


def take_part(
    event: type[E], *, when: Callable[[E], bool] = _always
) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Run the decorated function at once, in the transaction that announces `event`.

    It is on somebody's way: a statement or two. If it fails, so does everything.
    """

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _partakers[event].setdefault(handler, when)
        return handler

    return register


def subscribe(
    event: type[E], *, when: Callable[[E], bool] = _always
) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Run the decorated function for each `event`, at least once, from the outbox.

    It must be importable by its dotted path and safe to run twice.

    :param when: asked as the event is announced, in its transaction; where it says
        no, nothing is kept and nothing runs
    """

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _subscribers[event].setdefault(handler, when)
        return handler

    return register


def watch(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Run the decorated function after the commit, in this process, perhaps never."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        if handler not in _watchers[event]:
            _watchers[event].append(handler)
        return handler

    return register


def emit(event: Event) -> None:
    """Announce `event`; call it inside the transaction that made it true."""
    emit_all([event])


def emit_all(events: Sequence[Event]) -> None:
    """Announce several events with one insert, in their order."""
    for event in events:
        for handler, applies in _partakers.get(type(event), {}).items():
            if applies(event):
                handler(event)
    rows = [
        {
            "kind": dotted_path(type(event)),
            "subscriber": dotted_path(handler),
            "payload": asdict(event),
        }
        for event in events
        for handler, applies in _subscribers.get(type(event), {}).items()
        if applies(event)
    ]
    if rows:
        insert_rows(OutboxEvent, rows)
        ring_after_commit(OUTBOX)
    if any(type(event) in _watchers for event in events):
        transaction.on_commit(partial(_tell_watchers, tuple(events)))


def _tell_watchers(events: Sequence[Event]) -> None:
    for event in events:
        for watcher in _watchers.get(type(event), ()):
            _tell(watcher, event)


def _tell(watcher: Handler, event: Event) -> None:
    try:
        watcher(event)
    except Exception:
        # A watcher is a courtesy: what it announces is already committed.
        logger.exception("watcher %s failed", dotted_path(watcher))


def restore(row: OutboxEvent) -> Event:
    """Rebuild the event that an outbox row stands for."""
    kind = import_string(row.kind)
    payload = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.payload.items()
    }
    event = kind(**payload)
    assert isinstance(event, Event)
    return event
