"""What an admin types about a chat channel, made safe to stand in headers and pages."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

COLOR = re.compile(r"#[0-9a-f]{6}")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_PATH = re.compile(r"[A-Za-z0-9._~/%@:+=&?-]*")
_FACT = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,49}")
LOCAL = frozenset({"localhost", "127.0.0.1"})
MOST_FACTS = 10
LONGEST_FACT = 200


class NoDomain(ValueError):
    """This is no name of a site that a widget can stand on."""


class NotEncrypted(ValueError):
    """Pages are only reached by https, but for those on the own machine."""


class NoFact(ValueError):
    """A line does not say `name = value`."""


def domain_of(text: str) -> str:
    """Return `shop.example`, `*.shop.example` or `localhost:8000` as browsers name it.

    A whole address may be given; what comes after the host is left out.

    :raises NoDomain: if it is none, or would let every site in
    :raises NotEncrypted: if it says `http` for a site elsewhere
    """
    scheme, is_address, rest = text.strip().lower().rpartition("://")
    if is_address and scheme not in ("http", "https"):
        raise NoDomain(text)
    host, port = _host_and_port(rest.partition("/")[0])
    if scheme == "http" and not is_local(host):
        raise NotEncrypted(text)
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise NoDomain(text)
    if host.startswith("*.") and "." not in host.removeprefix("*."):
        raise NoDomain(text)
    return f"{host}:{port}" if port else host


def is_local(host: str) -> bool:
    """Whether a page there is on the visitor's own machine."""
    return host in LOCAL or host.endswith(".localhost")


def _host_and_port(text: str) -> tuple[str, str]:
    host, has_port, port = text.partition(":")
    if has_port and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise NoDomain(text)
    try:
        return _as_ascii(host), port
    except UnicodeError as error:
        raise NoDomain(text) from error


def _as_ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")


def is_image_address(text: str) -> bool:
    """Whether it is an https address that can stand in a header as it is."""
    try:
        parts = urlsplit(text)
        host = parts.netloc and domain_of(parts.netloc)
    except ValueError:
        return False
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_plain = bool(_PATH.fullmatch(rest)) and not parts.fragment
    return parts.scheme == "https" and bool(host) and "*" not in host and is_plain


def facts_of(lines: list[str]) -> dict[str, str]:
    """Read lines of `name = value`.

    :raises NoFact: if a line says something else; the text is that line
    """
    facts: dict[str, str] = {}
    for line in lines:
        name, has_value, value = (part.strip() for part in line.partition("="))
        if not (has_value and value and _FACT.fullmatch(name)):
            raise NoFact(line)
        if len(value) > LONGEST_FACT:
            raise NoFact(line)
        facts[name] = value
    return facts


def lines_of(facts: Mapping[str, str]) -> list[str]:
    """Return facts as they are typed."""
    return [f"{name} = {value}" for name, value in facts.items()]


def name_of(label: str, *, taken: set[str]) -> str:
    """Return a name for a question that nobody named: of its words, and not taken."""
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:40] or "question"
    name, number = words, 2
    while name in taken:
        name, number = f"{words}_{number}", number + 1
    return name
