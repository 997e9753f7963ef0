"""What every rehearsal stands on: the desk, its customers, and when all is quiet."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db import Error

from channels_ingest.models import EventState, InboundEvent
from helpdesk.accounts.models import User
from helpdesk.rehearsal.chaos.agents import forget_connection
from helpdesk.rehearsal.chaos.clock import Clock
from helpdesk.rehearsal.chaos.mailers import Correspondence, hand_over_until_taken
from helpdesk.rehearsal.chaos.sink import Sink
from helpdesk.rehearsal.installation import Installation
from inbox.models import Channel, Delivery, DeliveryState, MessageDetail

SETTLE_SECONDS = 45
PROBE_SECONDS = 45
LOOK_EVERY = 0.1
MOVING = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENDING)
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything a rehearsal needs."""

    installation: Installation
    channel: Channel
    agent: User
    sink: Sink
    chance: random.Random
    traps: Path
    """A file here, named after a crash point, ends the process that comes to it."""
    small_disk: Path | None = None
    """Where the whole installation lies on a file system that can be made full."""
    no_small_disk: str = ""
    """Why there is none."""
    clock: Clock | None = None
    """What every process of the installation goes by, if that can be set."""

    def correspondences(self, number: int, *, padding: int = 0) -> list[Correspondence]:
        """Return new customers with something to write about."""
        numbers = [next(_numbers) for _ in range(number)]
        return [
            Correspondence(
                number=each,
                to=self.channel.address,
                chance=random.Random(each),  # noqa: S311 - repeatable
                padding=padding,
            )
            for each in numbers
        ]


def settle() -> bool:
    """Wait until nothing is on its way any more, or for as long as is bearable.

    Returns whether nothing is.
    """
    return wait_until(_is_quiet, seconds=SETTLE_SECONDS)


def _is_quiet() -> bool:
    return not (
        InboundEvent.objects.filter(state=EventState.NEW).exists()
        or Delivery.objects.filter(state__in=MOVING).exists()
    )


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Ask until it holds; a database that is away is no answer yet."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        try:
            if holds():
                return True
        except Error:
            forget_connection()
        time.sleep(LOOK_EVERY)
    return False


def seconds_to_heal(stage: Stage, *, since: float) -> float | None:
    """Hand over a new mail until it is taken and wait until it is shown.

    Returns the seconds since `since`, of the monotonic clock, or None if it never was.
    """
    (one,) = stage.correspondences(1)
    taken = hand_over_until_taken(
        one, 0, port=settings.SMTP_PORT, seconds=PROBE_SECONDS
    )
    shown = taken and wait_until(
        MessageDetail.objects.filter(message_id=one.message_id(0)).exists,
        seconds=PROBE_SECONDS,
    )
    return round(time.monotonic() - since, 1) if shown else None
