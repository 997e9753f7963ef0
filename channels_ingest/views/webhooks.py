"""One address for what providers post: verify, keep, say so. Nothing else."""

import hashlib
import logging

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseTrouble
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_ingest.actions.journal import record_inbound
from channels_ingest.base import RawRequest, SignatureInvalid
from channels_ingest.registry import UnknownKind, adapter_for
from inbox.models import Channel

logger = logging.getLogger(__name__)

MAX_HEADERS = 100
RETRY_AFTER_SECONDS = "60"
_NOT_KEPT = frozenset({"cookie"})
_SECRET = frozenset({"authorization"})


@csrf_exempt
@login_not_required
@require_http_methods(["POST", "HEAD"])
def receive(request: HttpRequest, channel_id: int, direction: str) -> HttpResponse:
    """Keep a provider's request; its 2xx is a promise that the bytes are on disk."""
    if request.method == "HEAD":
        # Some providers look whether anybody is there before they are set up.
        return HttpResponse()
    try:
        return _receive(request, channel_id=channel_id)
    except RequestDataTooBig:
        return HttpResponse(status=413)
    except DatabaseTrouble:
        logger.exception("webhook for channel %s not kept", channel_id)
        return HttpResponse(status=503, headers={"Retry-After": RETRY_AFTER_SECONDS})


def _receive(request: HttpRequest, *, channel_id: int) -> HttpResponse:
    channel = Channel.objects.active().filter(pk=channel_id).first()
    if channel is None:
        raise Http404
    raw = _as_sent(request)
    try:
        adapter_for(channel).verify(raw)
    except (SignatureInvalid, UnknownKind):
        logger.warning("webhook for channel %s is not signed as it should", channel_id)
        return HttpResponse(status=403)
    recorded = record_inbound(
        channel_id=channel.pk,
        source="webhook",
        raw=raw.body,
        dedupe_key=_key(raw),
        headers={
            "method": raw.method,
            "url": raw.url,
            "headers": {
                name: value
                for name, value in raw.headers.items()
                if name not in _SECRET
            },
        },
    )
    return HttpResponse(f"Kept as {recorded.event_id}\n", content_type="text/plain")


def _as_sent(request: HttpRequest) -> RawRequest:
    headers = {
        name.lower(): value
        for name, value in list(request.headers.items())[:MAX_HEADERS]
        if name.lower() not in _NOT_KEPT
    }
    return RawRequest(
        method=request.method or "POST",
        url=request.build_absolute_uri(),
        headers=headers,
        body=request.body,
    )


def _key(raw: RawRequest) -> str:
    digest = hashlib.sha256(raw.url.partition("?")[0].encode() + b"\0" + raw.body)
    return f"hook:{digest.hexdigest()}"
