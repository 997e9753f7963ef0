"""Pages, API and webhooks: what the web process serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
# A page that takes longer holds up everybody else.
os.environ.setdefault("TRIBUTARY_STATEMENT_TIMEOUT", "10s")

from django.core.wsgi import get_wsgi_application

import helpdesk.celery  # noqa: F401  tasks are sent through this app

application = get_wsgi_application()
