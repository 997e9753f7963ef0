"""What every template may ask about this installation."""

from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, Any]:
    return {
        "realtime_url": realtime_url(request, "/ws/agent/"),
        "is_demo": settings.DEMO,
        "version": settings.VERSION,
    }


def realtime_url(request: HttpRequest, path: str) -> str:
    """Where a socket is: on a port of its own, unless a proxy joins the two."""
    port = settings.REALTIME_PUBLIC_PORT
    if not port:
        return path
    try:
        host = request.get_host()
    except DisallowedHost:
        # The page that says so is a page too, and has no use for sockets.
        return path
    hostname = host.rpartition(":")[0] or host
    return f"{request.scheme}://{hostname}:{port}{path}"
