"""Whether a mail comes from the domain that its From header names.

A stranger can write any header. Believed is only what a server of ours, or one that
the channel's settings name, has put on top of the mail; or what we have checked
ourselves against the peer that our own SMTP server spoke to. Everything else counts
as unproven.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Literal

from channels_ingest.adapters.email.authentication_results import (
    AuthenticationResults,
    Verdict,
    read_results,
)
from channels_ingest.adapters.email.sender_checks import (
    LookupFailed,
    Resolver,
    SmtpPeer,
    check_spf,
    dmarc_policy,
    is_aligned,
    sealed_results,
    signing_domains,
)

Source = Literal["trusted_server", "own_check", "nobody"]
_MOST_HEADER_BYTES = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What is proven about the author's domain, and by whom."""

    spf: Verdict
    dkim: Verdict
    dmarc: Verdict
    aligned_domain: str
    """The domain in From, if the mail is proven to come from its owner."""
    is_authenticated: bool
    source: Source
    explanation: str
    """For agents, in plain English."""


def authenticate(
    *,
    raw: bytes,
    trusted_servers: Collection[str] = (),
    peer: SmtpPeer | None = None,
    resolver: Resolver | None = None,
) -> Authentication:
    """Find out whether the author of a mail is who From says.

    `trusted_servers` are the names (authserv-ids) under which our own mail servers or
    our provider write Authentication-Results; they must remove such headers of their
    name from incoming mail, as RFC 8601 asks. Without any, and without a `resolver` to
    check `peer` with, nothing is authenticated.
    """
    header = BytesHeaderParser().parsebytes(raw[:_MOST_HEADER_BYTES])
    author = _author_domain(header.get_all("From", []))
    if not author:
        return _unproven("The mail does not name exactly one author.")
    values = [str(value) for value in header.get_all("Authentication-Results", [])]
    stated = _topmost_trusted(values, trusted_servers)
    if stated is not None:
        return _as_stated(stated, author)
    if resolver is not None:
        checked = _as_checked(raw, author, peer, resolver)
        return (
            checked
            if checked.is_authenticated
            else (_as_sealed(raw, author, trusted_servers, resolver) or checked)
        )
    return _unproven("Nobody we trust has checked who sent this mail.")


def _author_domain(values: Sequence[object]) -> str:
    """The domain of the one address in the one From header; else nobody's."""
    if len(values) != 1:
        return ""
    addresses = [each for _, each in getaddresses([str(values[0])[:2000]]) if each]
    if len(addresses) != 1:
        return ""
    return addresses[0].rpartition("@")[2].lower().strip(". ")


def _unproven(explanation: str) -> Authentication:
    return Authentication(
        spf="none",
        dkim="none",
        dmarc="none",
        aligned_domain="",
        is_authenticated=False,
        source="nobody",
        explanation=explanation,
    )


def _topmost_trusted(
    values: list[str], trusted_servers: Collection[str]
) -> AuthenticationResults | None:
    """The header that was put on last: those below may be the sender's own."""
    trusted = {name.lower() for name in trusted_servers}
    for value in values[:50]:
        results = read_results(value)
        if results and results.authserv_id in trusted:
            return results
    return None


def _as_sealed(
    raw: bytes, author: str, trusted_servers: Collection[str], resolver: Resolver
) -> Authentication | None:
    """What a forwarder of ours found before it changed the mail, if it sealed that."""
    if not trusted_servers:
        return None
    sealer, value = sealed_results(raw=raw, resolver=resolver)
    results = read_results(value) if sealer else None
    if results is None or sealer not in {name.lower() for name in trusted_servers}:
        return None
    return _as_stated(results, author)


def _as_stated(stated: AuthenticationResults, author: str) -> Authentication:
    spf = stated.of("spf")
    dkim = stated.of("dkim")
    dmarc = [
        each
        for each in stated.of("dmarc")
        if each.domain("header.from") in (author, "")
    ]
    spf_domain = next(
        (e.domain("smtp.mailfrom", "smtp.mail") for e in spf if e.verdict == "pass"), ""
    )
    signed_by = [e.domain("header.d", "header.i") for e in dkim if e.verdict == "pass"]
    verdict: Verdict = dmarc[0].verdict if dmarc else "none"
    return _judge(
        author=author,
        spf=spf[0].verdict if spf else "none",
        dkim="pass" if signed_by else (dkim[0].verdict if dkim else "none"),
        dmarc=verdict,
        is_aligned_by_others=_any_aligned([spf_domain, *signed_by], author),
        source="trusted_server",
        by=stated.authserv_id,
    )


def _any_aligned(domains: Collection[str], author: str) -> bool:
    return any(is_aligned(domain, author, strict=False) for domain in domains)


def _as_checked(
    raw: bytes, author: str, peer: SmtpPeer | None, resolver: Resolver
) -> Authentication:
    spf = check_spf(peer=peer, resolver=resolver) if peer else "none"
    dkim, domains = signing_domains(raw=raw, resolver=resolver)
    sender = _sender_domain(peer) if peer and spf == "pass" else ""
    return _judge(
        author=author,
        spf=spf,
        dkim=dkim,
        dmarc=_dmarc(author, sender, domains, resolver),
        is_aligned_by_others=_any_aligned([sender, *domains], author),
        source="own_check",
        by="this server",
    )


def _sender_domain(peer: SmtpPeer) -> str:
    return peer.mail_from.strip("<> ").rpartition("@")[2] or peer.helo


def _dmarc(
    author: str, sender: str, signed_by: list[str], resolver: Resolver
) -> Verdict:
    try:
        policy = dmarc_policy(domain=author, resolver=resolver)
    except LookupFailed:
        return "temperror"
    if policy is None:
        return "none"
    proven = is_aligned(sender, author, strict=policy.strict_spf) or any(
        is_aligned(domain, author, strict=policy.strict_dkim) for domain in signed_by
    )
    return "pass" if proven else "fail"


def _judge(
    *,
    author: str,
    spf: Verdict,
    dkim: Verdict,
    dmarc: Verdict,
    is_aligned_by_others: bool,
    source: Source,
    by: str,
) -> Authentication:
    """DMARC decides. Where a domain has no policy, a proof by its owner is enough."""
    proven = dmarc == "pass" or (dmarc == "none" and is_aligned_by_others)
    return Authentication(
        spf=spf,
        dkim=dkim,
        dmarc=dmarc,
        aligned_domain=author if proven else "",
        is_authenticated=proven,
        source=source,
        explanation=_explain(author, dmarc, proven=proven, by=by),
    )


def _explain(author: str, dmarc: Verdict, *, proven: bool, by: str) -> str:
    if proven:
        return f"{by} confirmed that this mail comes from {author}."
    if dmarc == "fail":
        return f"{by} found that this mail does not come from {author}."
    if dmarc == "temperror":
        return f"{by} could not check whether this mail comes from {author}."
    return f"{by} found no proof that this mail comes from {author}."
