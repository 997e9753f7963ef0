"""WebSockets: what the realtime process serves."""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
# Under ASGI a persistent connection outlives the thread that made it.
os.environ["TRIBUTARY_CONN_MAX_AGE"] = "0"

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import re_path

import helpdesk.celery  # noqa: F401  tasks are sent through this app

pages = get_asgi_application()

from helpdesk.core.collector import collect_seldom  # noqa: E402
from helpdesk.realtime.urls import (  # noqa: E402
    visitor_urlpatterns,
    websocket_urlpatterns,
)

agents = AllowedHostsOriginValidator(
    AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
)
others: list[Any] = [re_path(r"", cast("Any", agents))]

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": URLRouter([*visitor_urlpatterns, *others]),
    }
)
collect_seldom()
