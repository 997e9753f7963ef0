"""What happens around every request."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from helpdesk.core.logging import request_id
from helpdesk.core.metrics import REQUEST_SECONDS

logger = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]
ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestLog:
    """Give each request an id, time it, and write one line about it.

    The line has the route, never the path or the query: those may name people. Whoever
    is signed in also sees the time in the browser's developer tools.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        token = request_id.set(_id_of(request))
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            response["X-Request-ID"] = request_id.get()
            if _is_signed_in(request):
                response["Server-Timing"] = f"app;dur={seconds * 1000:.1f}"
            self._write(request, response, seconds)
        finally:
            request_id.reset(token)
        return response

    def _write(
        self, request: HttpRequest, response: HttpResponse, seconds: float
    ) -> None:
        match = request.resolver_match
        view = match.view_name if match else "none"
        method = request.method or "none"
        REQUEST_SECONDS.labels(view, method, response.status_code).observe(seconds)
        logger.info(
            "%s %s %s in %.0f ms", method, view, response.status_code, seconds * 1000
        )


def _is_signed_in(request: HttpRequest) -> bool:
    # Only if it is known already: asking may fail, and an error page must get out.
    user = getattr(request, "_cached_user", None)
    return user is not None and user.is_authenticated


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if ACCEPTABLE_ID.fullmatch(given) else secrets.token_hex(8)


class AnyHostForProbes:
    """Let load balancers ask for health by any name: they know us by address only."""

    PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in self.PATHS:
            request.META["HTTP_HOST"] = urlsplit(settings.PUBLIC_URL).netloc
        return self.get_response(request)


class PermissionsPolicy:
    """Tell browsers which devices the pages never ask for."""

    POLICY = (
        "camera=(), geolocation=(), payment=(), usb=(), midi=(), "
        "accelerometer=(), gyroscope=(), magnetometer=(), display-capture=(), "
        "microphone=(self)"
    )

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", self.POLICY)
        return response
