"""What people do with input that could not be read."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from channels_ingest.models import EventState, InboundEvent
from helpdesk.accounts.models import User
from helpdesk.core.bells import INGEST
from helpdesk.core.doorbell import ring_after_commit


class NotInTray(Exception):
    """Somebody else has dealt with it in the meantime."""


@transaction.atomic
def replay_event(
    *, event_id: int, actor: User, now: datetime | None = None
) -> InboundEvent:
    """Have an input read again, with all its tries.

    :raises NotInTray: if it is not in the tray any more
    """
    now = now or timezone.now()
    event = _locked(event_id)
    event.state = EventState.NEW
    event.attempts = 0
    event.reason = event.traceback = ""
    event.run_at = now
    event.handled_at = None
    _record(event, what="replayed", actor=actor, now=now)
    ring_after_commit(INGEST)
    return event


@transaction.atomic
def discard_event(
    *, event_id: int, actor: User, now: datetime | None = None
) -> InboundEvent:
    """Take an input out of the tray; its bytes and the reason stay in the journal.

    :raises NotInTray: if it is not in the tray any more
    """
    now = now or timezone.now()
    event = _locked(event_id)
    event.state = EventState.DISCARDED
    event.handled_at = now
    _record(event, what="discarded", actor=actor, now=now)
    return event


def _locked(event_id: int) -> InboundEvent:
    event = (
        InboundEvent.objects.select_for_update()
        .defer("raw")
        .filter(pk=event_id, state=EventState.QUARANTINED)
        .first()
    )
    if event is None:
        raise NotInTray
    return event


def _record(event: InboundEvent, *, what: str, actor: User, now: datetime) -> None:
    """Remember beside the envelope who did what, and when."""
    done = {"what": what, "agent": actor.pk, "name": str(actor), "at": now.isoformat()}
    event.headers = {**event.headers, "tray": [*event.headers.get("tray", []), done]}
    event.save(
        update_fields=[
            "state",
            "attempts",
            "reason",
            "traceback",
            "run_at",
            "handled_at",
            "headers",
        ]
    )
