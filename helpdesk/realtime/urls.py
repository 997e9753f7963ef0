"""Which consumer answers which WebSocket address."""

from typing import Any, cast

from django.urls import path

from helpdesk.realtime.consumers import AgentConsumer
from helpdesk.realtime.visitor_consumer import VisitorConsumer

visitor_urlpatterns: list[Any] = [
    path("ws/chat/", cast("Any", VisitorConsumer.as_asgi())),
]
"""Open to every site and app: nobody is known there before they show a token."""

websocket_urlpatterns: list[Any] = [
    path("ws/agent/", cast("Any", AgentConsumer.as_asgi())),
]
