"""Which consumer answers which WebSocket address."""

from typing import Any, cast

from django.urls import path

from helpdesk.realtime.consumers import AgentConsumer

websocket_urlpatterns: list[Any] = [
    path("ws/agent/", cast("Any", AgentConsumer.as_asgi())),
]
