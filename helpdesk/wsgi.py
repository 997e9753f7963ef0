"""Pages, API and webhooks: what the web process serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
# A page that takes longer holds up everybody else.
os.environ.setdefault("TRIBUTARY_STATEMENT_TIMEOUT", "10s")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

import helpdesk.celery  # noqa: F401  tasks are sent through this app
from helpdesk.core.collector import collect_seldom
from helpdesk.core.page_threads import PAGES_AT_ONCE, PageThreads


def _served() -> PageThreads:
    pages = get_wsgi_application()
    # It imports models, which are there from now on.
    from helpdesk.core.limits import sender_of

    return PageThreads(
        pages,
        threads=PAGES_AT_ONCE,
        longest=2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        sender_of=sender_of,
    )


application = _served()
# The first who asks for a page does not wait for all of them to be loaded.
get_resolver().url_patterns  # noqa: B018
collect_seldom()
