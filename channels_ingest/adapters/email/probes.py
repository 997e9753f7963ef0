"""The mail by which a channel is tested: sent to itself, signed, never shown."""

import re
import secrets
from dataclasses import dataclass
from email.message import EmailMessage

from django.utils.translation import gettext as _

from channels_ingest.adapters.email.outgoing import Letterhead, compose_mail
from channels_ingest.adapters.email.parsed import ParsedMail
from channels_ingest.adapters.email.provider_transport import transmit_by_provider
from channels_ingest.adapters.email.sending import server_of
from channels_ingest.adapters.email.signed_ids import read_probe_id, sign_probe_id
from channels_ingest.adapters.email.smtp_transport import transmit
from channels_ingest.base import Account
from inbox.contract import OutboundMessage, Recipient

HEADER = "X-Tributary-Probe"
NO_DEFERRALS = 99
"""Counts as a late attempt: a test is not put off and tried again."""
_TOKEN = re.compile(r"[a-z2-7]{40}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One test mail."""

    number: int
    token: str


def new_probe(account: Account) -> Probe:
    number = secrets.randbelow(2**47) + 1
    return Probe(number=number, token=_token(account, number))


def _token(account: Account, number: int) -> str:
    return sign_probe_id(
        secret=account.token_keys[0], channel=account.channel_id, number=number
    )


def probe_reason(number: int) -> str:
    """Why the journal says that a test mail was not shown."""
    return f"It is a test mail of ours, number {number}."


def probe_number(mail: ParsedMail, *, account: Account) -> int | None:
    """Return the number of the test mail that `mail` is; None for every other mail.

    Only our own signature counts. Servers on the way may replace the Message-ID or
    drop headers, so each of the two will do.
    """
    given = [value for name, value in mail.headers if name.lower() == HEADER.lower()]
    local = mail.message_id.strip("<>").partition("@")[0]
    for token in (local, *given[:3]):
        found = _TOKEN.fullmatch(token.strip())
        for secret in account.token_keys if found else ():
            number = read_probe_id(secret=secret, token=token.strip())
            if number is not None:
                return number
    return None


def send_probe(probe: Probe, *, account: Account) -> str:
    """Send the test mail from the channel to itself; return what the server said.

    :raises SendFailed: if it was not taken
    """
    outgoing = account.config.get("outgoing") or {}
    message, letterhead = _message(account), _letterhead(probe, account=account)
    mail = _mail(probe, message=message, letterhead=letterhead)
    if outgoing.get("transport") == "provider":
        return transmit_by_provider(
            mail, outgoing=outgoing, letterhead=letterhead, message=message
        ).response
    return transmit(
        mail,
        server=server_of(outgoing),
        envelope_sender=account.address,
        recipients=[account.address],
        attempt=NO_DEFERRALS,
    ).response


def _message(account: Account) -> OutboundMessage:
    return OutboundMessage(
        item_id=0,
        conversation_id=0,
        idempotency_key=secrets.token_hex(16),
        sender_name=account.sender_name,
        recipients=(Recipient(handle=account.address, name="", role="to"),),
        subject=_("Test of this channel"),
        text=_(
            "This mail tests whether mail leaves and arrives. Nobody has to read it."
        ),
        attempt=NO_DEFERRALS,
    )


def _letterhead(probe: Probe, *, account: Account) -> Letterhead:
    domain = account.address.rpartition("@")[2]
    return Letterhead(
        from_name=account.sender_name,
        from_address=account.address,
        reply_to=account.address,
        envelope_sender=account.address,
        message_id=f"<{probe.token}@{domain}>",
    )


def _mail(
    probe: Probe, *, message: OutboundMessage, letterhead: Letterhead
) -> EmailMessage:
    mail = compose_mail(message, letterhead=letterhead)
    mail[HEADER] = probe.token
    mail["Auto-Submitted"] = "auto-generated"
    return mail
