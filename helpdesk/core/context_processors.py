"""What every template may ask about this installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, Any]:
    return {
        "realtime_port": settings.REALTIME_PUBLIC_PORT,
        "is_demo": settings.DEMO,
        "version": settings.VERSION,
    }
