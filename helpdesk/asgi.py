"""WebSockets: what the realtime process serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
# Under ASGI a persistent connection outlives the thread that made it.
os.environ["TRIBUTARY_CONN_MAX_AGE"] = "0"

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

import helpdesk.celery  # noqa: F401  tasks are sent through this app

pages = get_asgi_application()

from helpdesk.realtime.urls import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        ),
    }
)
