"""Send what webhooks have to tell: claim, send outside any transaction, record."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from django.utils import timezone

from helpdesk.api.actions.deliveries import (
    Claim,
    Outcome,
    claim_webhooks,
    record_outcome,
)
from helpdesk.api.payloads import with_links
from helpdesk.api.signing import signed_headers
from helpdesk.core.crash_points import crash_point
from helpdesk.core.http import (
    AddressForbidden,
    HostNotFound,
    RequestFailed,
    Retries,
    send_request,
)

AT_ONCE: Final = 16
SECONDS: Final = 10.0
MAX_BYTES: Final = 256 * 1024
LONGEST_RUN: Final = 60.0
"""Mail waits in the same queue: the next turn goes on where this one ends."""


def send_webhooks_due(*, now: datetime | None = None) -> int:
    """Send everything that is due; return how many were tried.

    Safe in any number of processes. A sender that dies has perhaps sent: it is sent
    again then, with the same id, by which the receiver knows it.
    """
    end = time.monotonic() + LONGEST_RUN
    total = 0
    while time.monotonic() < end:
        claims = claim_webhooks(now=now or timezone.now(), limit=AT_ONCE)
        if not claims:
            break
        crash_point("webhooks.claimed")
        outcomes = _send_all(claims)
        crash_point("webhooks.sent")
        for outcome in outcomes:
            record_outcome(outcome=outcome, now=now or timezone.now())
        total += len(claims)
    return total


def _send_all(claims: Sequence[Claim]) -> list[Outcome]:
    """Send several at once: one slow receiver must not keep the others waiting."""
    with ThreadPoolExecutor(len(claims)) as threads:
        return list(threads.map(_send, claims))


def _said(content: bytes) -> str:
    """Return the beginning of an answer as text that a database takes.

    It is UTF-8 whatever the receiver calls it: one that names a made-up character set
    must not keep the others from what is told to them.
    """
    text = content[:2000].decode("utf-8", "replace")
    return text.replace("\0", "\ufffd")[:500]


def _send(claim: Claim) -> Outcome:
    payload = json.dumps(with_links(claim.payload), ensure_ascii=False)
    body = payload.encode()
    headers = signed_headers(
        keys=claim.keys,
        event_id=claim.event_id,
        timestamp=int(time.time()),
        body=body,
    )
    try:
        response = send_request(
            "POST",
            claim.url,
            headers={**headers, "Content-Type": "application/json"},
            content=body,
            seconds=SECONDS,
            max_bytes=MAX_BYTES,
            retries=Retries(count=0),
        )
    except (AddressForbidden, HostNotFound, RequestFailed) as failure:
        return Outcome(claim=claim, status=None, error=str(failure))
    is_taken = response.status_code // 100 == 2
    error = "" if is_taken else _said(response.content)
    return Outcome(claim=claim, status=response.status_code, error=error)
