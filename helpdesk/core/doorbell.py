"""Wake a worker, with at most one pending ring per bell.

A ring is a hint. It may be lost, for the sweep rings every bell again every few
seconds; so it never raises when Valkey is away.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

PENDING_SECONDS = 5
"""How long an unanswered ring silences further ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """A name, and the Celery task that answers it."""

    name: str
    task: str
    queue: str

    @property
    def key(self) -> str:
        return f"bell:{self.name}"


@lru_cache(maxsize=1)
def valkey() -> "redis.Redis":
    """Return this process's connection pool; short time-outs, for rings are hints."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        # The client would try for seconds, and every request that rings would wait.
        retry=Retry(NoBackoff(), 0),
    )


def ring(bell: Bell, *, delay_seconds: float = 0) -> bool:
    """Ask a worker to run the bell's task; return whether a ring was sent."""
    held = _held.get()
    if bell in held:
        held[bell].add(bell)
        return False
    try:
        if not delay_seconds and not valkey().set(
            bell.key, 1, nx=True, ex=PENDING_SECONDS
        ):
            return False
        current_app.send_task(
            bell.task,
            queue=bell.queue,
            countdown=delay_seconds or None,
            retry=False,
            expires=PENDING_SECONDS + delay_seconds,
        )
    except (redis.RedisError, OperationalError, OSError) as error:
        logger.warning("bell %s not rung: %s", bell.name, type(error).__name__)
        return False
    return True


_held: ContextVar[Mapping[Bell, set[Bell]]] = ContextVar(
    "held", default=MappingProxyType({})
)
"""The bells that are held here; each is in its set once somebody wanted to ring it."""


@contextmanager
def held(bell: Bell) -> Iterator[None]:
    """Ring a bell only once, at the end, however often it is rung inside.

    For work that can wait while there is more urgent work: the sweep rings meanwhile.
    """
    wanted: set[Bell] = set()
    token = _held.set({**_held.get(), bell: wanted})
    try:
        yield
    finally:
        _held.reset(token)
        for each in wanted:
            ring(each)


def need_not_ring(bell: Bell) -> None:
    """Forget that a bell that is held here was rung: what it was for is done."""
    held_here = _held.get()
    if bell in held_here:
        held_here[bell].discard(bell)


def answer(bell: Bell) -> None:
    """Let the bell ring again; call it first thing in the task, before any claim."""
    try:
        valkey().delete(bell.key)
    except redis.RedisError as error:
        logger.warning("bell %s not answered: %s", bell.name, type(error).__name__)


def ring_after_commit(bell: Bell, *, delay_seconds: float = 0) -> None:
    transaction.on_commit(partial(ring, bell, delay_seconds=delay_seconds))
