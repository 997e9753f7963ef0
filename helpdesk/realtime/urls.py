"""Which consumer answers which WebSocket address."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
