"""The project, and every app that is not inbox, customers or channels_ingest."""

from helpdesk.celery import app as celery_app

__all__ = ["celery_app"]
