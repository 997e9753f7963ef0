"""The ports the world sees: free before we start, answering once we have."""

import errno
import socket
from collections.abc import Iterator, Mapping


class PortTaken(Exception):
    """Somebody else listens there; the message says which setting to change."""


Places = Mapping[str, tuple[str, int]]
"""Host and port, by the setting that changes the port."""


def require_free_ports(places: Places) -> None:
    """Make sure that every port can be had.

    :raises PortTaken: naming each port that cannot, and its setting
    """
    problems = list(_problems(places))
    if problems:
        raise PortTaken("\n".join(problems))


def _problems(places: Places) -> Iterator[str]:
    for setting, (host, port) in places.items():
        if reason := _reason_against(host, port):
            yield (
                f"Port {port} {reason}. Free it, or choose another with {setting}, "
                f"for example: {setting}={port + 10} make run"
            )


def _reason_against(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return "is taken by another program"
            if problem.errno == errno.EACCES:
                return "needs rights that this account does not have"
            return f"cannot be used on {host} ({problem.strerror})"
    return ""


def is_answering(host: str, port: int) -> bool:
    """Whether a program accepts connections there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        socket.create_connection((reachable, port), timeout=0.5).close()
    except OSError:
        return False
    return True
