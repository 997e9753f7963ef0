"""The Celery app. Its settings are in helpdesk/settings.py, its schedule in core."""

import gc
import logging.config
import os
import sys
from typing import Any, Self

from celery import Celery, signals
from celery.app.amqp import AMQP
from kombu import Connection

from helpdesk.core.logging import request_id

# The clock (beat) has no use for Django: an empty value keeps Celery from loading it.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
SETTINGS = os.environ["DJANGO_SETTINGS_MODULE"] or "helpdesk.settings"

LONGEST_PAUSE = 1.5
NICE = 5


class SteadyConnection(Connection):
    """Looks for a lost broker at an even pace, so that workers are back within 5 s.

    Celery asks for pauses that grow to half a minute, and no setting changes that.
    """

    def ensure_connection(self, *args: Any, **options: Any) -> Self:
        options.setdefault("interval_start", 0.5)
        options.setdefault("interval_step", 0.5)
        options.setdefault("interval_max", LONGEST_PAUSE)
        super().ensure_connection(*args, **options)
        return self

    def _do_close_transport(self) -> None:
        """Let go of the transport, which goes on knowing its broker.

        What outlives a lost connection still says that it is done. Without a broker
        to say it to, that is no connection error, and the worker would end of it.
        """
        self._transport = None


class SteadyProtocol(AMQP):
    Connection = SteadyConnection
    BrokerConnection = SteadyConnection


app = Celery("tributary", amqp=SteadyProtocol)
app.config_from_object(SETTINGS, namespace="CELERY")
# Celery would open a session of the database for each task, which takes longer than
# most tasks do; `look_after_the_database` ends those that are old or broken.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Log as everything else does, whatever Celery would prefer."""
    settings = __import__(SETTINGS, fromlist=["LOGGING"])
    logging.config.dictConfig(settings.LOGGING)


@signals.worker_init.connect
def share_memory_with_children(**_: Any) -> None:
    """Keep the collector from touching, and so copying, what forked workers share."""
    gc.collect()
    gc.freeze()


@signals.worker_init.connect
def let_others_go_first(**_: Any) -> None:
    """Leave the processors to whoever waits for a page, where there are few."""
    os.nice(NICE)


@signals.before_task_publish.connect
def send_the_request_id(headers: dict[str, Any], **_: Any) -> None:
    """Let the lines of the work be found by the request that started it."""
    if started_by := request_id.get():
        headers.setdefault("request_id", started_by)


@signals.task_prerun.connect
def look_after_the_database(**_: Any) -> None:
    """Do what Django does before each request."""
    # The clock loads this module too, and needs no database.
    from django.db import close_old_connections

    close_old_connections()


@signals.task_prerun.connect
def take_the_request_id(task: Any, **_: Any) -> None:
    request_id.set(getattr(task.request, "request_id", None) or task.request.id[:16])


@signals.task_postrun.connect
def forget_the_request_id(**_: Any) -> None:
    request_id.set("")
