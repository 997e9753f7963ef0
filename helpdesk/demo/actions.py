"""What the sample desk writes down beside the desk itself."""

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

from django.db import transaction
from django.utils import timezone

from helpdesk.demo.models import DemoState, ReceivedMail
from inbox.models import Channel


def state_of_demo() -> DemoState:
    """Return the one row, making it at the first call."""
    return DemoState.objects.get_or_create(pk=1)[0]


def pause_visitors() -> None:
    """Let nobody write by themselves until `resume_visitors`."""
    state_of_demo()
    DemoState.objects.filter(pk=1).update(is_paused=True)


def resume_visitors() -> None:
    """Let visitors write again, also when they had come to their limit."""
    state_of_demo()
    DemoState.objects.filter(pk=1).update(is_paused=False, letters_written=0)


@transaction.atomic
def count_letter() -> int:
    """Note that a visitor wrote; return how many have done so."""
    state = DemoState.objects.select_for_update().get(pk=1)
    state.letters_written += 1
    state.save(update_fields=["letters_written"])
    return state.letters_written


@transaction.atomic
def connect_channels(*, port: int) -> None:
    """Let every channel send to the post office on this machine, and nowhere else."""
    outgoing = {
        "transport": "smtp",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
    }
    for channel in Channel.objects.select_for_update().filter(kind="email"):
        channel.config = {**(channel.config or {}), "outgoing": outgoing}
        channel.save(update_fields=["config"])


def keep_mail(*, raw: bytes, addresses: list[str]) -> None:
    """Put a mail into the mailbox of each addressee; a second copy is no news."""
    mail = message_from_bytes(raw, policy=default)
    fields = _fields_of(mail, raw=raw)
    ReceivedMail.objects.bulk_create(
        (
            ReceivedMail(address=address.strip().lower(), **fields)
            for address in addresses
        ),
        ignore_conflicts=True,
    )


def _fields_of(mail: EmailMessage, *, raw: bytes) -> dict[str, object]:
    sender = str(mail.get("From", ""))
    return {
        "sender": sender[:500],
        "reply_to": str(mail.get("Reply-To", sender))[:500],
        "subject": str(mail.get("Subject", "")),
        "message_id": str(mail.get("Message-ID", "")).strip("<> \r\n")[:512],
        "references": " ".join(str(mail.get("References", "")).split()),
        "text": _body(mail, "plain"),
        "html": _body(mail, "html"),
        "raw": raw,
        "is_automatic": mail.get("Auto-Submitted", "no") != "no",
        "received_at": _date_of(mail),
    }


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\0", "") if part is not None else ""


def _date_of(mail: EmailMessage) -> datetime:
    """Return when it was written: a story is told faster than it happened."""
    try:
        written_at = parsedate_to_datetime(str(mail.get("Date", "")))
    except ValueError:
        return timezone.now()
    if timezone.is_naive(written_at):
        return timezone.now()
    return min(written_at, timezone.now())


def note_answered(*, mail_id: int, now: datetime) -> None:
    """Remember that a visitor needs no longer think about this mail."""
    ReceivedMail.objects.filter(pk=mail_id, answered_at=None).update(answered_at=now)
