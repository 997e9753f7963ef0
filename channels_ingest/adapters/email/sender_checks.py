"""Check SPF, DKIM and DMARC ourselves, where nobody we trust has done so.

The libraries are the usual ones. DMARC's comparison of domains is ours: the check of
`authheaders` cuts a domain at its first hyphen and looks at one signature only.
"""

import importlib.resources
import ipaddress
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import dkim
import dns.exception
import dns.resolver
import spf
from publicsuffix2 import PublicSuffixList

from channels_ingest.adapters.email.authentication_results import Verdict

_MOST_SIGNATURES = 5
_MOST_RECORDS = 20
_MOST_SEALS = 10
_BROKEN_SIGNATURE = (
    dkim.DKIMException,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
)
_QUIET = logging.getLogger(f"{__name__}.libraries")
_QUIET.disabled = True


class LookupFailed(Exception):
    """The name servers gave no answer in time."""


class Resolver(Protocol):
    """Where records of the domain name system come from."""

    def records(self, name: str, kind: str) -> Sequence[Any]:
        """The records: bytes for TXT, text for A, AAAA and PTR, pairs for MX.

        An empty answer means there are none.

        :raises LookupFailed: if that could not be found out
        """
        ...


@dataclass(slots=True, kw_only=True)
class DnsResolver:
    """The system's name servers, with little patience."""

    timeout: float = 2.0
    """Seconds for one question."""
    budget: float = 6.0
    """Seconds for all the questions that one mail asks."""
    _asked_until: float = field(default=0.0, init=False)

    def records(self, name: str, kind: str) -> Sequence[Any]:
        left = self._time_left()
        try:
            answers = dns.resolver.resolve(name, kind, lifetime=min(self.timeout, left))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise LookupFailed(name) from error
        return [_plain(kind, record) for record in list(answers)[:_MOST_RECORDS]]

    def _time_left(self) -> float:
        now = time.monotonic()
        if not self._asked_until:
            self._asked_until = now + self.budget
        if now >= self._asked_until:
            raise LookupFailed("Out of time")
        return self._asked_until - now


def _plain(kind: str, record: Any) -> Any:
    if kind == "TXT":
        return b"".join(record.strings)
    if kind == "MX":
        return (record.preference, record.exchange.to_text(omit_final_dot=True))
    if kind == "PTR":
        return record.target.to_text(omit_final_dot=True)
    return record.address


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpPeer:
    """Who handed the mail to us over SMTP, as our own server saw it."""

    ip: str
    helo: str
    mail_from: str


class _SpfQuery(spf.query):  # type: ignore[misc]  # comes without types
    """pyspf with our resolver, and its limits on the number of questions."""

    def __init__(self, peer: SmtpPeer, resolver: Resolver) -> None:
        super().__init__(i=peer.ip, s=peer.mail_from, h=peer.helo, strict=True)
        self._resolver = resolver

    def dns(
        self,
        name: str,
        qtype: str,
        cnames: Any = None,
        ignore_void: bool = False,  # noqa: FBT001, FBT002  # pyspf calls it so
    ) -> list[Any]:
        del cnames  # the resolver follows them
        try:
            found = list(self._resolver.records(str(name).rstrip(".").lower(), qtype))
        except LookupFailed as error:
            raise spf.TempError(f"DNS {error}") from error
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("Too many questions without an answer")
        return [(record,) if qtype in ("TXT", "SPF") else record for record in found]


def check_spf(*, peer: SmtpPeer, resolver: Resolver) -> Verdict:
    """May this host send for the domain of the envelope's sender?"""
    try:
        ipaddress.ip_address(peer.ip)
        result = _SpfQuery(peer, resolver).check()[0]
    except (ValueError, LookupError, TypeError, spf.TempError, spf.PermError):
        return "permerror"
    return _SPF_VERDICTS.get(result, "none")


_SPF_VERDICTS: dict[str, Verdict] = {
    "pass": "pass",
    "fail": "fail",
    "softfail": "softfail",
    "neutral": "neutral",
    "temperror": "temperror",
    "permerror": "permerror",
}


def signing_domains(*, raw: bytes, resolver: Resolver) -> tuple[Verdict, list[str]]:
    """The domains whose DKIM signature over the whole mail holds."""
    verifier = _verifier(raw)
    count = len(_named(verifier, b"dkim-signature")) if verifier else 0
    if not verifier or not count:
        return "none", []
    domains, failed_for_a_time = [], False
    for index in range(min(count, _MOST_SIGNATURES)):
        try:
            if _holds(verifier, index, resolver):
                domains.append(_domain_of(verifier))
        except LookupFailed:
            failed_for_a_time = True
    if domains:
        return "pass", domains
    return ("temperror" if failed_for_a_time else "fail"), []


def _verifier(raw: bytes) -> Any:
    try:
        return dkim.DKIM(raw, logger=_QUIET, minkey=1024)
    except dkim.DKIMException:
        return None


def _named(verifier: Any, name: bytes) -> list[bytes]:
    return [key for key, _ in verifier.headers if key.lower() == name]


def _text_records(resolver: Resolver) -> Callable[..., bytes]:
    def text_record(name: bytes | str, timeout: int = 0) -> bytes:
        del timeout  # the resolver has its own
        host = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        records = resolver.records(host.rstrip("."), "TXT")
        return bytes(records[0]) if records else b""

    return text_record


def sealed_results(*, raw: bytes, resolver: Resolver) -> tuple[str, str]:
    """Who sealed the mail last (ARC, RFC 8617), and the results they sealed.

    ("", "") where the chain of seals is broken or there is none.
    """
    try:
        seals = dkim.ARC(raw, logger=_QUIET, minkey=1024)
        state, found, _ = seals.verify(dnsfunc=_text_records(resolver))
    except (*_BROKEN_SIGNATURE, LookupFailed):
        return "", ""
    if state != dkim.CV_Pass or not found or len(found) > _MOST_SEALS:
        return "", ""
    sealer = found[0]["as-domain"].decode("ascii", "replace").lower()
    return sealer, found[0]["aar-value"].decode("utf-8", "replace")


def _holds(verifier: Any, index: int, resolver: Resolver) -> bool:
    try:
        good = verifier.verify(idx=index, dnsfunc=_text_records(resolver))
    except _BROKEN_SIGNATURE:
        return False
    # l= leaves the end of the mail to whoever passes it on.
    return bool(good) and b"l" not in verifier.signature_fields


def _domain_of(verifier: Any) -> str:
    return str(verifier.domain.decode("ascii", "replace")).lower().rstrip(".")


@cache
def _public_suffixes() -> Any:
    packaged = importlib.resources.files("authheaders") / "public_suffix_list.txt"
    with packaged.open("rb") as lines:
        return PublicSuffixList((line.decode("utf-8") for line in lines), idna=False)


def organizational_domain(domain: str) -> str:
    """The part of a domain that somebody registers: example.co.uk."""
    domain = domain.lower().strip(". ")
    # Not strict, the list would take all of an unlisted top-level domain for one.
    listed = _public_suffixes().get_sld(domain, strict=True)
    return str(listed) if listed else ".".join(domain.split(".")[-2:])


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcPolicy:
    """What the owner of a domain publishes on how its mail is proven."""

    strict_dkim: bool
    strict_spf: bool


def dmarc_policy(*, domain: str, resolver: Resolver) -> DmarcPolicy | None:
    """The policy of `domain`, else of the registered domain above it.

    :raises LookupFailed: if that could not be found out
    """
    for name in dict.fromkeys((domain, organizational_domain(domain))):
        records = [bytes(r) for r in resolver.records(f"_dmarc.{name}", "TXT")]
        policies = [r for r in records if r.lower().startswith(b"v=dmarc1")]
        if len(policies) == 1:
            tags = dict(_tags(policies[0].decode("utf-8", "replace")))
            if "p" in tags:
                return DmarcPolicy(
                    strict_dkim=tags.get("adkim") == "s",
                    strict_spf=tags.get("aspf") == "s",
                )
    return None


def _tags(record: str) -> Iterator[tuple[str, str]]:
    for piece in record[:2000].split(";"):
        name, equals, value = piece.partition("=")
        if equals:
            yield name.strip().lower(), value.strip().lower()


def is_aligned(domain: str, author_domain: str, *, strict: bool) -> bool:
    """Both domains belong to the same owner."""
    if not domain or not author_domain:
        return False
    if domain.lower() == author_domain.lower():
        return True
    return not strict and organizational_domain(domain) == organizational_domain(
        author_domain
    )
