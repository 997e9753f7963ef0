"""How often somebody may try: sign-in, password reset, first run and the like.

Counted in Valkey; while it is away, in PostgreSQL, so that a limit holds for all
processes and machines together whatever happens.
"""

import hashlib
import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from helpdesk.core.doorbell import valkey
from helpdesk.core.models import RateWindow

logger = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MINUTES: Final = 60

_COUNT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""
_UPSERT: Final = """
INSERT INTO core_ratewindow (key, count, ends_at) VALUES (%(key)s, 1, %(ends_at)s)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN core_ratewindow.ends_at <= %(now)s THEN 1
               ELSE core_ratewindow.count + 1 END,
  ends_at = CASE WHEN core_ratewindow.ends_at <= %(now)s THEN %(ends_at)s
                 ELSE core_ratewindow.ends_at END
RETURNING count, ends_at
"""


class LimitReached(Exception):
    """There were too many tries. `seconds` says when the next one may come."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many tries in so many seconds, counted from the first of them."""

    name: str
    count: int
    seconds: int

    def key(self, *parts: str) -> str:
        """Name the counter without naming whom it counts."""
        text = "\x1f".join((settings.SECRET_KEY, *parts))
        return f"limit:{self.name}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


# The first stops guessing one password, the second spraying one password over many
# accounts, the third guessing from many addresses. Somebody who only wants to lock an
# agent out needs many addresses, and then for minutes.
SIGN_IN_PAIR: Final = Limit(name="sign-in", count=8, seconds=15 * MINUTES)
SIGN_IN_ADDRESS: Final = Limit(name="sign-in-from", count=40, seconds=15 * MINUTES)
SIGN_IN_ACCOUNT: Final = Limit(name="sign-in-as", count=60, seconds=15 * MINUTES)
RESET_ACCOUNT: Final = Limit(name="reset-of", count=3, seconds=60 * MINUTES)
RESET_ADDRESS: Final = Limit(name="reset-from", count=10, seconds=60 * MINUTES)
FIRST_RUN_ADDRESS: Final = Limit(name="first-run", count=20, seconds=15 * MINUTES)


def take(limit: Limit, *parts: str) -> int:
    """Count one try and return how many are left.

    :param parts: whom the counter is for, such as an account and an address
    :raises LimitReached: when there were too many
    """
    key = limit.key(*parts)
    try:
        count, seconds = _count_in_valkey(key, limit)
    except redis.RedisError as error:
        logger.warning("limits counted in the database: %s", type(error).__name__)
        count, seconds = _count_in_database(key, limit)
    if count > limit.count:
        raise LimitReached(max(1, seconds))
    return limit.count - count


def forget(limit: Limit, *parts: str) -> None:
    """Start counting anew, after a try that succeeded."""
    key = limit.key(*parts)
    try:
        valkey().delete(key)
    except redis.RedisError as error:
        logger.warning("limit not reset in Valkey: %s", type(error).__name__)
    RateWindow.objects.filter(key=key).delete()


def guard_sign_in(*, account: str, address: str) -> None:
    """Count a sign-in; call it before the password is looked at.

    :raises LimitReached: for an unknown account exactly as for a known one
    """
    account, network = _folded(account), network_of(address)
    take(SIGN_IN_ADDRESS, network)
    take(SIGN_IN_PAIR, account, network)
    take(SIGN_IN_ACCOUNT, account)


def sign_in_succeeded(*, account: str, address: str) -> None:
    """Forget the failures of the account from there; others keep theirs."""
    forget(SIGN_IN_PAIR, _folded(account), network_of(address))


def guard_password_reset(*, account: str, address: str) -> None:
    """Count a request for a reset mail.

    :raises LimitReached: callers answer as if the mail had been sent
    """
    take(RESET_ADDRESS, network_of(address))
    take(RESET_ACCOUNT, _folded(account))


def guard_first_run(*, address: str) -> None:
    """Count a post to the first-run page.

    :raises LimitReached: when there were too many
    """
    take(FIRST_RUN_ADDRESS, network_of(address))


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from.

    `X-Forwarded-For` counts only as far as `settings.TRUSTED_PROXIES` wrote it; what
    a client puts into it changes nothing.
    """
    return _address_in(request.META)


def sender_of(environ: Mapping[str, Any]) -> str:
    """Return whose requests count together, of one that Django has not seen yet."""
    return network_of(_address_in(environ))


def _address_in(environ: Mapping[str, Any]) -> str:
    address = _read_address(environ.get("REMOTE_ADDR", ""))
    trusted = _networks(tuple(getattr(settings, "TRUSTED_PROXIES", ())))
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while address is not None and forwarded and _is_in(address, trusted):
        previous = _read_address(forwarded.pop())
        if previous is None:
            break
        address = previous
    return str(address) if address is not None else "unknown"


def _count_in_valkey(key: str, limit: Limit) -> tuple[int, int]:
    answer: Any = valkey().eval(_COUNT, 1, key, str(limit.seconds * 1000))
    count, milliseconds = answer
    return int(count), -(-int(milliseconds) // 1000)


def _count_in_database(key: str, limit: Limit) -> tuple[int, int]:
    now = timezone.now()
    ends_at = now + timedelta(seconds=limit.seconds)
    RateWindow.objects.filter(ends_at__lt=now).exclude(key=key).delete()
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, {"key": key, "ends_at": ends_at, "now": now})
        count, ends_at = cursor.fetchone()
    return count, int((ends_at - now).total_seconds())


def _folded(account: str) -> str:
    return account.strip().casefold()


def network_of(address: str) -> str:
    """Return whose tries count together: with IPv6 everybody has a whole /64."""
    parsed = _read_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed) if parsed is not None else "unknown"


def _read_address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
