"""What /metrics says about mail on its way in and out."""

from django.db.models import Count, Min
from django.utils import timezone

from channels_ingest.models import EventState, InboundEvent
from helpdesk.core.metrics import Readings, measure
from inbox.models import Delivery


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
    "deliveries", "Messages on their way out, by what became of them", label="state"
)
def deliveries() -> Readings:
    rows = Delivery.objects.values_list("state").annotate(number=Count("pk"))
    return dict(rows.order_by("state"))
