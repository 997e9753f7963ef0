"""What `manage.py doctor` looks at where mail comes in and goes out."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone

from channels_ingest.models import ChannelHealth, InboundEvent
from helpdesk.core.diagnosis import Finding, examination_of_records, ill, note, well

LATE = timedelta(seconds=60)


@examination_of_records
def journal() -> Iterator[Finding]:
    now = timezone.now()
    oldest = InboundEvent.objects.due(now=now).aggregate(at=Min("received_at"))["at"]
    if oldest and now - oldest > LATE:
        minutes = (now - oldest).total_seconds() / 60
        yield ill(
            f"Mail has been waiting to be read for {minutes:.0f} minutes",
            "See that the worker runs, and what its log says.",
        )
    else:
        yield well("No mail is waiting to be read")
    unreadable = InboundEvent.objects.unreadable().count()
    if unreadable:
        yield note(
            f"{unreadable} could not be read",
            "An admin can look at each, read it again or discard it.",
        )


@examination_of_records
def channels() -> Iterator[Finding]:
    for health in ChannelHealth.objects.select_related("channel").order_by("pk"):
        if health.error:
            yield ill(f"{health.channel.name}: {health.error}", "Test this channel.")
        else:
            yield well(f"{health.channel.name} works")
