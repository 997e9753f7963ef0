"""What load balancers and monitors ask."""

import ipaddress
import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from helpdesk.core.metrics import exposition
from helpdesk.core.readiness import readiness


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Says nothing about the servers behind it."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Send work here: 200 if everything that is needed answers, else 503."""
    problems = readiness()
    return JsonResponse(
        {"ready": not problems, "problems": problems}, status=503 if problems else 200
    )


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus, for this machine or whoever knows the token."""
    if not _may_read_metrics(request):
        return HttpResponse("Metrics need the token.\n", status=403)
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4")


def _may_read_metrics(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy every request comes from this machine.
    forwarded = "X-Forwarded-For" in request.headers or settings.BEHIND_PROXY
    return not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
