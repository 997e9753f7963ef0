"""Send one request: bounded in time, size, redirects and repetitions."""

import logging
import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from django.utils import timezone

from helpdesk.core.http.addresses import AddressForbidden, HostNotFound
from helpdesk.core.http.transport import GuardedTransport

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_REDIRECTS: Final = 5
SECONDS: Final = 30.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({429, 502, 503, 504})
_READING: Final = frozenset({"GET", "HEAD"})
_REPEATABLE: Final = _READING | {"PUT", "DELETE", "OPTIONS"}
_KEPT_ELSEWHERE: Final = frozenset({"accept", "accept-language", "user-agent"})


class RequestFailed(Exception):
    """There is no answer. `was_sent` says whether the request may have arrived."""

    def __init__(self, message: str, *, was_sent: bool) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class RequestTimedOut(RequestFailed):
    """The other side did not finish in time."""


class ResponseTooLarge(RequestFailed):
    """The answer is longer than the caller can use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often to repeat, and how long to wait: full jitter, doubling."""

    count: int = 2
    base_seconds: float = 0.5
    longest_seconds: float = 8.0

    def pause(self, attempt: int, response: httpx.Response | None) -> float:
        ceiling = min(self.longest_seconds, self.base_seconds * 2**attempt)
        asked = _retry_after(response) if response is not None else None
        jitter = random.uniform(0, ceiling)  # noqa: S311
        return jitter if asked is None else asked + jitter


@dataclass(slots=True)
class _Deadline:
    seconds: float
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        return self._end - time.monotonic()

    def check(self, host: str) -> None:
        if self.left <= 0:
            raise RequestTimedOut(f"{host} took too long", was_sent=True)


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
) -> httpx.Response:
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
    method = method.upper()
    if is_repeatable is None:
        is_repeatable = method in _REPEATABLE
    request = httpx.Request(
        method,
        _checked_url(url),
        headers={"Accept-Encoding": "identity", "User-Agent": "Tributary"}
        | dict(headers or {}),
        params=params,
        content=content,
        data=data,
        files=files,
        json=json,
    )
    request.read()
    return _with_retries(
        request,
        deadline=_Deadline(seconds),
        max_bytes=max_bytes,
        retries=retries,
        is_repeatable=is_repeatable,
    )


def _with_retries(
    request: httpx.Request,
    *,
    deadline: _Deadline,
    max_bytes: int,
    retries: Retries,
    is_repeatable: bool,
) -> httpx.Response:
    attempt = 0
    while True:
        response, failure = None, None
        try:
            response = _follow(request, deadline, max_bytes)
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
    response: httpx.Response | None, failure: RequestFailed | None
) -> httpx.Response:
    if response is None:
        assert failure is not None
        raise failure
    return response


def _follow(
    request: httpx.Request, deadline: _Deadline, max_bytes: int
) -> httpx.Response:
    response = _exchange(request, deadline, max_bytes)
    for _ in range(MAX_REDIRECTS):
        target = _redirect_target(response)
        if not target:
            return response
        request = _redirected(request, target)
        response = _exchange(request, deadline, max_bytes)
    if _redirect_target(response):
        raise RequestFailed("too many redirects", was_sent=True)
    return response


def _redirect_target(response: httpx.Response) -> str:
    is_followed = response.request.method in _READING
    if not is_followed or response.status_code not in _REDIRECTS:
        return ""
    return str(response.headers.get("location", ""))


def _redirected(request: httpx.Request, target: str) -> httpx.Request:
    try:
        url = request.url.join(target)
    except httpx.InvalidURL as error:
        raise RequestFailed("redirected to no address", was_sent=True) from error
    url = _checked_url(str(url))
    if request.url.scheme == "https" and url.scheme != "https":
        raise AddressForbidden(f"{request.url.host} redirects away from https")
    is_same = _origin(url) == _origin(request.url)
    headers = {
        name: value
        for name, value in request.headers.items()
        if name != "host" and (is_same or name in _KEPT_ELSEWHERE)
    }
    headers.setdefault("Accept-Encoding", "identity")
    return httpx.Request(request.method, url, headers=headers)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _checked_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        has_login = bool(parsed.userinfo) or "@" in urlsplit(url).netloc
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressForbidden("this is not an address") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host or has_login:
        raise AddressForbidden("only plain http and https addresses can be reached")
    return parsed


def _exchange(
    request: httpx.Request, deadline: _Deadline, max_bytes: int
) -> httpx.Response:
    """Send once and read the answer, without redirects."""
    host = request.url.host
    deadline.check(host)
    timeout = httpx.Timeout(min(deadline.left, 15.0), connect=min(deadline.left, 5.0))
    request.extensions["timeout"] = timeout.as_dict()
    try:
        response = _transport(os.getpid()).handle_request(request)
        try:
            body = _read(response, deadline, max_bytes, host)
        finally:
            response.close()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise RequestFailed(f"{host} cannot be reached", was_sent=False) from error
    except httpx.TimeoutException as error:
        raise RequestTimedOut(f"{host} took too long", was_sent=True) from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise RequestFailed(f"{host} broke off", was_sent=True) from error
    return httpx.Response(
        response.status_code,
        headers=_without_encoding(response.headers),
        content=body,
        request=request,
    )


def _read(
    response: httpx.Response, deadline: _Deadline, max_bytes: int, host: str
) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes(64 * 1024):
        body += chunk
        if len(body) > max_bytes:
            raise ResponseTooLarge(f"{host} sent more than was asked", was_sent=True)
        deadline.check(host)
    return bytes(body)


def _without_encoding(headers: httpx.Headers) -> list[tuple[bytes, bytes]]:
    dropped = {b"content-encoding", b"content-length", b"transfer-encoding"}
    return [pair for pair in headers.raw if pair[0].lower() not in dropped]


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return None


@lru_cache(maxsize=1)
def _transport(process_id: int) -> GuardedTransport:
    """One pool of connections a process: sockets do not survive a fork."""
    return GuardedTransport()
