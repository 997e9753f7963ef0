"""Wake a worker, with at most one pending ring per bell.

A ring is a hint. It may be lost, for the sweep rings every bell again every few
seconds; so it never raises when Valkey is away.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache, partial

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


def answer(bell: Bell) -> None:
    """Let the bell ring again; call it first thing in the task, before any claim."""
    try:
        valkey().delete(bell.key)
    except redis.RedisError as error:
        logger.warning("bell %s not answered: %s", bell.name, type(error).__name__)


def ring_after_commit(bell: Bell, *, delay_seconds: float = 0) -> None:
    transaction.on_commit(partial(ring, bell, delay_seconds=delay_seconds))
