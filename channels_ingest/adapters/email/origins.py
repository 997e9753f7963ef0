"""Who wrote a mail, who handed it on, and how sure that is."""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels_ingest.adapters.email.authentication import authenticate
from channels_ingest.adapters.email.forwards import find_forward
from channels_ingest.adapters.email.parsed import ParsedMail
from channels_ingest.adapters.email.sender_checks import (
    DnsResolver,
    Resolver,
    SmtpPeer,
)
from channels_ingest.base import Account, RawInput
from inbox.contract import Authentication, Sender, Verdict

KIND = "email"
MAX_HANDLE = 320
UNCHECKED = Authentication(
    spf="none",
    dkim="none",
    dmarc="none",
    explanation="Nobody we trust has checked who sent this mail.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The author of what the mail says, and what a colleague put around it."""

    sender: Sender
    forwarded_by: Sender | None = None
    mail: ParsedMail | None = None
    """The author's own mail, if it was attached to the forwarding one."""
    text: str = ""
    """The author's words, if they stand in the forwarding one's text."""
    comment: str = ""
    subject: str = ""
    sent_at: datetime | None = None


def authentication_of(raw: RawInput, *, account: Account) -> Authentication:
    """Return what is proven about the sender, by servers we trust or our own check."""
    trusted = _words(account.config.get("trusted_servers"))
    resolver = _resolver(raw, config=account.config)
    if not trusted and resolver is None:
        return UNCHECKED
    found = authenticate(
        raw=raw.raw, trusted_servers=trusted, peer=_peer(raw), resolver=resolver
    )
    verdict = Verdict.NONE
    if found.is_authenticated:
        verdict = Verdict.PASS
    elif found.dmarc == "fail":
        verdict = Verdict.FAIL
    return Authentication(
        verdict=verdict,
        spf=found.spf,
        dkim=found.dkim,
        dmarc=found.dmarc,
        explanation=found.explanation,
    )


def _peer(raw: RawInput) -> SmtpPeer | None:
    if raw.source != "smtp" or not raw.headers.get("peer"):
        return None
    return SmtpPeer(
        ip=str(raw.headers["peer"]),
        helo=str(raw.headers.get("helo", "")),
        mail_from=str(raw.headers.get("mail_from", "")),
    )


def _resolver(raw: RawInput, *, config: Any) -> Resolver | None:
    # A relay of ours in front is the only peer that SPF could be asked about.
    wants = bool(config.get("checks_senders")) and raw.source in ("smtp", "imap")
    return DnsResolver() if wants else None


def origin_of(
    mail: ParsedMail,
    *,
    raw: RawInput,
    account: Account,
    authentication: Authentication,
) -> Origin:
    """Return who wrote the mail; a trusted colleague's forward is its author's."""
    sender = _sender_of(mail, raw=raw)
    if sender.handle in account.colleagues and _is_trusted(
        raw, account=account, authentication=authentication
    ):
        return (
            _attached_forward(mail, colleague=sender)
            or _written_forward(mail, colleague=sender)
            or Origin(sender=sender)
        )
    return Origin(sender=sender)


def _is_trusted(
    raw: RawInput, *, account: Account, authentication: Authentication
) -> bool:
    """Whether From may be believed: proven, or from a network that vouches for it."""
    if authentication.verdict == Verdict.PASS:
        return True
    if authentication.verdict == Verdict.FAIL:
        return False
    return bool(account.config.get("trusts_colleagues")) and is_in_networks(
        str(raw.headers.get("peer", "")), _words(account.config.get("trusted_networks"))
    )


def is_in_networks(address: str, networks: Iterable[str]) -> bool:
    """Whether an IP address lies in one of the networks; nonsense lies in none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    for network in networks:
        try:
            if ip in ipaddress.ip_network(network, strict=False):
                return True
        except ValueError:
            continue
    return False


def _sender_of(mail: ParsedMail, *, raw: RawInput) -> Sender:
    """Return who From names. Reply-To never says who somebody is."""
    address = mail.from_email or str(raw.headers.get("mail_from", "")).strip("<> ")
    if not address:
        # Each nameless mail is somebody else's: they must not become one person.
        digest = hashlib.sha256(raw.raw).hexdigest()[:16]
        address = f"unknown-{digest}@sender.invalid"
    return sender_at(address, name=mail.from_name)


def sender_at(address: str, *, name: str) -> Sender:
    handle = address.strip().lower()[:MAX_HANDLE]
    name = " ".join(name.split())[:200]
    return Sender(kind=KIND, handle=handle, name="" if name.lower() == handle else name)


def _attached_forward(mail: ParsedMail, *, colleague: Sender) -> Origin | None:
    inner = [part.message for part in mail.attachments if part.message is not None]
    if len(inner) != 1 or not inner[0].from_email:
        return None
    author = inner[0]
    return Origin(
        sender=sender_at(author.from_email, name=author.from_name),
        forwarded_by=colleague,
        mail=author,
        comment=(mail.text or "").strip(),
        subject=author.subject,
        sent_at=author.date,
    )


def _written_forward(mail: ParsedMail, *, colleague: Sender) -> Origin | None:
    forward = find_forward(mail.text or "")
    if forward is None or not forward.is_marked or not forward.author_email:
        return None
    return Origin(
        sender=sender_at(forward.author_email, name=forward.author_name),
        forwarded_by=colleague,
        text=forward.body,
        comment=forward.before.strip(),
        subject=forward.subject,
        sent_at=forward.sent_at,
    )


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()
