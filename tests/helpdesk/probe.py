"""A task and a schedule of their own, to see from outside whether work flows."""

import os
import time
from pathlib import Path

from celery import shared_task

from helpdesk.celery import app

NOTES = Path(os.environ.get("PROBE_NOTES", os.devnull))


@shared_task(name="probe.note")
def note():
    with NOTES.open("a") as notes:
        notes.write(f"{time.time()}\n")


app.conf.beat_schedule = {
    "probe": {
        "task": "probe.note",
        "schedule": 0.5,
        "options": {"queue": "sweep", "expires": 2},
    }
}
