"""On which pages a widget may stand."""

from collections.abc import Iterable
from urllib.parse import urlsplit

_USUAL_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Return the origin of an address as browsers write it; empty if it has none."""
    parts = _parts(url)
    if parts is None:
        return ""
    scheme, host, port = parts
    name = f"[{host}]" if ":" in host else host
    shown = "" if port == _USUAL_PORTS[scheme] else f":{port}"
    return f"{scheme}://{name}{shown}"


def is_allowed_origin(origin: str, *, domains: Iterable[str]) -> bool:
    """Whether a page of this origin is one of `domains`.

    `shop.example` is that host alone, `*.shop.example` every host below it; without
    a port it has to be the usual one of http or https.
    """
    parts = _parts(origin)
    if parts is None:
        return False
    scheme, host, port = parts
    return any(_is_one_of(host, port, scheme, domain) for domain in domains)


def _is_one_of(host: str, port: int, scheme: str, domain: str) -> bool:
    name, wanted = _name_and_port(domain.strip().lower())
    if port != (wanted or _USUAL_PORTS[scheme]):
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return host == name


def _name_and_port(domain: str) -> tuple[str, int | None]:
    name, colon, port = domain.rpartition(":")
    if colon and port.isdigit() and not name.endswith(":"):
        return name.strip("[]"), int(port)
    return domain.strip("[]"), None


def _parts(origin: str) -> tuple[str, str, int] | None:
    try:
        split = urlsplit(origin)
        host, port = split.hostname, split.port
    except ValueError:
        return None
    if split.scheme not in _USUAL_PORTS or not host:
        return None
    return split.scheme, host, port or _USUAL_PORTS[split.scheme]
