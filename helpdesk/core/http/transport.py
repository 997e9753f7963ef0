"""Connections that go only where `addresses` allows, to the address it looked at."""

import ssl
from collections.abc import Iterable

import httpcore
import httpx

from helpdesk.core.http.addresses import HostNotFound, resolve_host

SocketOption = (
    tuple[int, int, int]
    | tuple[int, int, bytes | bytearray]
    | tuple[int, int, None, int]
)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets. It is the only place that turns a name into an address."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in resolve_host(host, port=port):
            try:
                return self._sockets.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or HostNotFound(f"{host} has no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        raise NotImplementedError("local sockets are not for outgoing requests")


class GuardedTransport(httpx.HTTPTransport):
    """An httpx transport without proxies whose sockets come from `GuardedBackend`."""

    def __init__(self) -> None:
        context = _ssl_context()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30,
            network_backend=GuardedBackend(),
        )


def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
