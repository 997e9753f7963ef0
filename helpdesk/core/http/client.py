"""Send one request: bounded in time, size, redirects and repetitions."""

import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from helpdesk.core.http.addresses import AddressForbidden, HostNotFound
from helpdesk.core.http.failures import RequestFailed, ResponseTooLarge

if TYPE_CHECKING:
    import httpx

    from helpdesk.core.http.exchange import Deadline

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 10 * 1024 * 1024
SECONDS: Final = 30.0
_PASSING: Final = frozenset({429, 502, 503, 504})
_REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often to repeat, and how long to wait: full jitter, doubling."""

    count: int = 2
    base_seconds: float = 0.5
    longest_seconds: float = 8.0

    def pause(self, attempt: int, response: "httpx.Response | None") -> float:
        ceiling = min(self.longest_seconds, self.base_seconds * 2**attempt)
        asked = _retry_after(response) if response is not None else None
        jitter = random.uniform(0, ceiling)  # noqa: S311
        return jitter if asked is None else asked + jitter


def send_request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    content: bytes | str | None = None,
    data: Mapping[str, Any] | None = None,
    files: Any = None,
    json: Any = None,
    seconds: float = SECONDS,
    max_bytes: int = MAX_BYTES,
    retries: Retries = Retries(),
    is_repeatable: bool | None = None,
) -> "httpx.Response":
    """Return the complete answer, whatever its status.

    Goes only to public hosts and to `settings.OUTGOING_PRIVATE_HOSTS`; each redirect
    of a GET is checked again, and loses the caller's headers on another host. What may
    have arrived is repeated only if that does no harm.

    :param seconds: for everything together, waiting included
    :param is_repeatable: True if the request carries an idempotency key; by default
        the method decides
    :raises AddressForbidden: the host, or one it redirects to, is not public
    :raises HostNotFound: the name has no address
    :raises RequestFailed: also `RequestTimedOut` and `ResponseTooLarge`
    """
    from helpdesk.core.http.exchange import Deadline, build_request

    method = method.upper()
    if is_repeatable is None:
        is_repeatable = method in _REPEATABLE
    request = build_request(
        method,
        url,
        headers=headers,
        params=params,
        content=content,
        data=data,
        files=files,
        json=json,
    )
    return _with_retries(
        request,
        deadline=Deadline(seconds),
        max_bytes=max_bytes,
        retries=retries,
        is_repeatable=is_repeatable,
    )


def _with_retries(
    request: "httpx.Request",
    *,
    deadline: "Deadline",
    max_bytes: int,
    retries: Retries,
    is_repeatable: bool,
) -> "httpx.Response":
    from helpdesk.core.http.exchange import follow

    attempt = 0
    while True:
        response, failure = None, None
        try:
            response = follow(request, deadline, max_bytes)
        except (AddressForbidden, HostNotFound, ResponseTooLarge):
            raise
        except RequestFailed as error:
            failure = error
        may_repeat = is_repeatable or (failure is not None and not failure.was_sent)
        pause = retries.pause(attempt, response)
        is_final = response is not None and response.status_code not in _PASSING
        is_late = pause >= deadline.left or attempt >= retries.count
        if is_final or is_late or not may_repeat:
            return _answer(response, failure)
        logger.info("Repeating a request to %s", request.url.host)
        time.sleep(pause)
        attempt += 1


def _answer(
    response: "httpx.Response | None", failure: RequestFailed | None
) -> "httpx.Response":
    if response is None:
        assert failure is not None
        raise failure
    return response


def _retry_after(response: "httpx.Response") -> float | None:
    value = response.headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return None
