"""What /metrics says about mail on its way in and out."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone

from channels_ingest.models import EventState, InboundEvent
from helpdesk.core.metrics import Readings, measure
from inbox.models import Delivery, DeliveryState
from inbox.models.delivery import FINISHED, UNFINISHED, DeliveryQuerySet


@measure(
    "journal_oldest_seconds", "Age of the oldest journal row that waits to be read"
)
def journal_oldest_seconds() -> Readings:
    now = timezone.now()
    oldest = InboundEvent.objects.due(now=now).aggregate(at=Min("received_at"))["at"]
    return {"": (now - oldest).total_seconds() if oldest else 0.0}


@measure(
    "journal_depth",
    "Journal rows that wait to be read or could not be read",
    label="state",
)
def journal_depth() -> Readings:
    waiting = InboundEvent.objects.filter(state=EventState.NEW).count()
    return {
        EventState.NEW: waiting,
        EventState.QUARANTINED: InboundEvent.objects.unreadable().count(),
    }


@measure(
    "deliveries",
    "Messages on their way out that are not done with, by where they are",
    label="state",
)
def deliveries() -> Readings:
    return _by_state(Delivery.objects.unfinished(), states=UNFINISHED)


@measure(
    "deliveries_last_hour",
    "Messages on their way out that ended within the last hour, by what became of them",
    label="state",
)
def deliveries_last_hour() -> Readings:
    since = timezone.now() - timedelta(hours=1)
    return _by_state(Delivery.objects.finished_since(since), states=FINISHED)


def _by_state(
    rows: DeliveryQuerySet, *, states: Iterable[DeliveryState]
) -> dict[str, float]:
    counts = rows.values_list("state").annotate(number=Count("pk")).order_by("state")
    return {**{state.value: 0 for state in states}, **dict(counts)}
