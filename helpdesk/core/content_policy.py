"""What the desk's own pages may load, and where from."""

from collections.abc import Iterable, Iterator
from typing import Any


def content_security_policy(
    *, hosts: Iterable[str], realtime_port: int | None
) -> dict[str, Any]:
    """Return the setting of the same name: everything is ours.

    :param realtime_port: where sockets are, if they have a port of their own
    """
    sockets = _sockets(hosts, port=realtime_port) if realtime_port else ()
    return {
        "DIRECTIVES": {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src": ["'self'"],
            "img-src": ["'self'", "data:", "blob:"],
            "font-src": ["'self'"],
            "media-src": ["'self'", "blob:"],
            "connect-src": ["'self'", *sockets],
            "frame-src": ["'self'"],
            "worker-src": ["'self'"],
            "manifest-src": ["'self'"],
            "form-action": ["'self'"],
            "frame-ancestors": ["'none'"],
            "base-uri": ["'none'"],
            "object-src": ["'none'"],
        }
    }


def _sockets(hosts: Iterable[str], *, port: int) -> Iterator[str]:
    for host in hosts:
        # A policy has no words for an address like this.
        if host != "[::1]":
            yield f"ws://{host}:{port}"
