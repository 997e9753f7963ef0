"""Which hosts the product may talk to: the public internet, and what is listed.

Names are resolved here once, and the connection goes to the address that was looked
at, so that a name cannot change its meaning in between.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NEVER: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        # IPv4 that some versions of Python call global, or that a cloud answers.
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        # Tunnels, documentation and benchmarks inside 2000::/3.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP: Final = re.compile(r"^(?:0000|0200):5efe$")
_NUMERIC_END: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.IGNORECASE)


class AddressForbidden(Exception):
    """The host is not on the public internet, and no setting allows it."""


class HostNotFound(Exception):
    """The name has no address."""


def configured_private_hosts() -> tuple[str, ...]:
    """Return the hosts and networks of our own that settings allow."""
    try:
        return tuple(getattr(settings, "OUTGOING_PRIVATE_HOSTS", ()))
    except ImproperlyConfigured:
        return ()


def url_allowed(url: str, *, private_hosts: Collection[str] | None = None) -> bool:
    """Whether a request to `url` would be made; asks the name server.

    :param private_hosts: names, addresses or networks; default is the setting
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return False
    try:
        resolve_host(host, port=port or 443, private_hosts=private_hosts)
    except (AddressForbidden, HostNotFound):
        return False
    return True


def resolve_host(
    host: str, *, port: int, private_hosts: Collection[str] | None = None
) -> list[str]:
    """Return the addresses of `host`, all of which may be connected to.

    :raises AddressForbidden: if one of them may not
    :raises HostNotFound: if it has none
    """
    if private_hosts is None:
        private_hosts = configured_private_hosts()
    host = host.strip("[]").lower()
    found = _addresses_of(host, port)
    if host.rstrip(".") in {name.lower() for name in private_hosts}:
        return found
    networks = _networks(tuple(private_hosts))
    for text in found:
        address = ipaddress.ip_address(text)
        if not is_public_address(address) and not _is_in(address, networks):
            raise AddressForbidden(f"{host} is not on the public internet")
    return found


def is_public_address(address: Address) -> bool:
    """Whether `address` belongs to the public internet, whatever it is wrapped in."""
    if any(address in network for network in _NEVER):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _NAT64:
        return is_public_address(ipaddress.IPv4Address(address.packed[-4:]))
    if address not in _GLOBAL_UNICAST or not address.is_global:
        return False
    return not _ISATAP.match(":".join(address.exploded.split(":")[4:6]))


def _addresses_of(host: str, port: int) -> list[str]:
    literal = _literal(host)
    if literal is not None:
        return [str(literal)]
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostNotFound(f"{host} has no address") from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _literal(host: str) -> Address | None:
    """Read an address in its one canonical form.

    :raises AddressForbidden: for octal, hexadecimal and shortened forms, which
        libraries read in different ways
    """
    if ":" in host:
        return _ipv6(host)
    if not _HOST.fullmatch(host):
        raise AddressForbidden(f"{host!r} is not a host name")
    if not _NUMERIC_END.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return None
    try:
        return ipaddress.IPv4Address(host)
    except ValueError as error:
        raise AddressForbidden(f"{host} is not a plain address") from error


def _ipv6(host: str) -> Address:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError as error:
        raise AddressForbidden(f"{host} is not a plain address") from error
    if address.scope_id:
        raise AddressForbidden(f"{host} is bound to a network of its own")
    return address


@lru_cache(maxsize=8)
def _networks(private_hosts: tuple[str, ...]) -> tuple[Network, ...]:
    found = []
    for text in private_hosts:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue
    return tuple(found)


def _is_in(address: Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)
