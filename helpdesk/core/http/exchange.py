"""One request and what it redirects to, by httpx, which few processes need.

It and what it brings take 10 MB, so that this is loaded with the first request.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from helpdesk.core.http.addresses import AddressForbidden
from helpdesk.core.http.failures import (
    RequestFailed,
    RequestTimedOut,
    ResponseTooLarge,
)
from helpdesk.core.http.transport import GuardedTransport

MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FOLLOWED: Final = frozenset({"GET", "HEAD"})
_KEPT_ELSEWHERE: Final = frozenset({"accept", "accept-language", "user-agent"})


@dataclass(slots=True)
class Deadline:
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


def build_request(
    method: str, url: str, *, headers: Mapping[str, str] | None, **body: Any
) -> httpx.Request:
    """Return a request that can be sent again.

    :raises AddressForbidden: the address is not one of plain http or https
    """
    request = httpx.Request(
        method,
        _checked_url(url),
        headers={"Accept-Encoding": "identity", "User-Agent": "Tributary"}
        | dict(headers or {}),
        **body,
    )
    request.read()
    return request


def follow(
    request: httpx.Request, deadline: Deadline, max_bytes: int
) -> httpx.Response:
    """Return the complete answer; each redirect is looked at as the first address."""
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
    is_followed = response.request.method in _FOLLOWED
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
    request: httpx.Request, deadline: Deadline, max_bytes: int
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
    response: httpx.Response, deadline: Deadline, max_bytes: int, host: str
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


@lru_cache(maxsize=1)
def _transport(process_id: int) -> GuardedTransport:
    """One pool of connections a process: sockets do not survive a fork."""
    return GuardedTransport()
