"""What the world's name servers say about a channel's domain, as far as we can ask."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import dkim
from django.utils.translation import gettext as _

from channels_ingest.adapters.email.sender_checks import (
    DnsResolver,
    LookupFailed,
    Resolver,
)
from channels_ingest.steps import Step, StepFailed, attempt


def domain_steps(address: str, *, resolver: Resolver | None = None) -> Iterator[Step]:
    """Yield what MX, SPF and DMARC say; none of them is ever a failure."""
    domain = address.rpartition("@")[2]
    resolver = resolver or DnsResolver()
    checks: tuple[tuple[str, Callable[[str, Resolver], str]], ...] = (
        (_("Where mail for the domain goes (MX)"), _mx),
        (_("Who may send for the domain (SPF)"), _spf),
        (_("What the domain asks of receivers (DMARC)"), _dmarc),
    )
    for title, check in checks:
        yield attempt(title, partial(check, domain, resolver))


def _records(resolver: Resolver, name: str, kind: str) -> list[Any]:
    try:
        return list(resolver.records(name, kind))
    except LookupFailed as error:
        raise StepFailed(
            _("DNS could not be asked from here."),
            advice=_("Look it up from another machine."),
            verdict="skipped",
        ) from error


def _texts(resolver: Resolver, name: str) -> list[str]:
    found = _records(resolver, name, "TXT")
    return [
        each.decode(errors="replace") if isinstance(each, bytes) else str(each)
        for each in found
    ]


def _mx(domain: str, resolver: Resolver) -> str:
    found = sorted(_records(resolver, domain, "MX"))
    if found:
        names = [str(name).rstrip(".") for _preference, name in found]
        return ", ".join(names[:4])
    raise StepFailed(
        _("The domain has no MX record."),
        advice=_("Let it point to the server that takes your mail."),
        verdict="note",
    )


def _spf(domain: str, resolver: Resolver) -> str:
    for text in _texts(resolver, domain):
        if text.lower().startswith("v=spf1"):
            return text[:200]
    raise StepFailed(
        _("The domain has no SPF record."),
        advice=_("Add one that names your outgoing server, so that mail is believed."),
        verdict="note",
    )


def _dmarc(domain: str, resolver: Resolver) -> str:
    for text in _texts(resolver, f"_dmarc.{domain}"):
        if text.lower().startswith("v=dmarc1"):
            return text[:200]
    raise StepFailed(
        _("The domain has no DMARC record."),
        advice=_("Large receivers ask for one; v=DMARC1; p=none is a beginning."),
        verdict="note",
    )


def signature_steps(raw: bytes, *, address: str) -> Iterator[Step]:
    """Yield whether the test mail came with a DKIM signature of the domain."""
    title = _("Signature of the sending server (DKIM)")
    yield attempt(title, partial(_signed_by, raw, address.rpartition("@")[2]))


def _signed_by(raw: bytes, domain: str) -> str:
    for name, value in dkim.rfc822_parse(raw)[0]:
        if name.lower() != b"dkim-signature":
            continue
        tags = _tags(value)
        signer = tags.get("d", "").lower()
        if signer and (domain == signer or domain.endswith(f".{signer}")):
            return _("Signed by %(domain)s, selector %(selector)s.") % {
                "domain": signer,
                "selector": tags.get("s", "?"),
            }
    raise StepFailed(
        _("The test mail came without a DKIM signature of the domain."),
        advice=_("Turn on DKIM where your mail leaves, so that receivers believe it."),
        verdict="note",
    )


def _tags(value: bytes) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.decode(errors="replace").split(";"))
    return {name.strip(): "".join(text.split()) for name, _sign, text in pairs}
