"""The Celery app. Its settings, queues and schedule are in helpdesk/settings.py."""

import logging.config
import os
from typing import Any

from celery import Celery, signals

# The clock (beat) has no use for Django: an empty value keeps Celery from loading it.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
SETTINGS = os.environ["DJANGO_SETTINGS_MODULE"] or "helpdesk.settings"

app = Celery("tributary")
app.config_from_object(SETTINGS, namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Log as everything else does, whatever Celery would prefer."""
    settings = __import__(SETTINGS, fromlist=["LOGGING"])
    logging.config.dictConfig(settings.LOGGING)
