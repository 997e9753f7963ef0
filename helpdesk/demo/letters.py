"""Mail as customers write it: headers, history below, files, and proof of origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from helpdesk.demo.papers import Paper

MAIL_SERVER = "mx.larchwood.example"
"""The server in front of the desk, whose word on senders the channels trust."""
_POLICY = SMTP.clone(max_line_length=78)
_ATTRIBUTIONS = {
    "en": "On {date}, {name} wrote:",
    "fr": "Le {date}, {name} a écrit :",
    "es": "El {date}, {name} escribió:",
    "de": "Am {date} schrieb {name}:",
    "pt": "Em {date}, {name} escreveu:",
    "ar": "في {date}، كتب {name}:",
    "fa": "در {date}، {name} نوشت:",
    "zh": "{date}，{name} 写道：",  # noqa: RUF001 - as it is written
    "ja": "{date} {name}:",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The mail that a letter answers."""

    message_id: str
    references: str
    sender: str
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail of a customer, before it has a form."""

    name: str
    address: str
    to: str
    subject: str
    text: str
    sent_at: datetime
    message_id: str
    html: str = ""
    language: str = "en"
    answers: Earlier | None = None
    papers: Sequence[Paper] = ()
    verdict: str = "pass"
    """What our mail server found: `pass`, `fail`, or nothing."""
    headers: Mapping[str, str] = field(default_factory=dict)


def compose_letter(letter: Letter) -> EmailMessage:
    """Return the complete mail as our mail server would hand it on."""
    mail = EmailMessage(policy=_POLICY)
    if letter.verdict:
        mail["Authentication-Results"] = _results(letter)
    mail["From"] = _mailbox(letter.name, letter.address)
    mail["To"] = _mailbox(*parseaddr(letter.to))
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.sent_at)
    mail["Message-ID"] = f"<{letter.message_id}>"
    if letter.answers:
        _refer(mail, letter.answers)
    for name, value in letter.headers.items():
        mail[name] = value
    mail.set_content(_with_history(letter), cte="quoted-printable")
    if letter.html:
        mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for paper in letter.papers:
        main, _, sub = paper.content_type.partition("/")
        mail.add_attachment(
            paper.content, maintype=main, subtype=sub, filename=paper.name
        )
    return mail


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _results(letter: Letter) -> str:
    domain = letter.address.rpartition("@")[2]
    if letter.verdict == "fail":
        return (
            f"{MAIL_SERVER}; spf=fail smtp.mailfrom=bulk-sender.example;"
            f" dkim=none; dmarc=fail header.from={domain}"
        )
    return (
        f"{MAIL_SERVER}; spf=pass smtp.mailfrom={domain};"
        f" dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
    )


def _refer(mail: EmailMessage, earlier: Earlier) -> None:
    mail["In-Reply-To"] = f"<{earlier.message_id}>"
    mail["References"] = f"{earlier.references} <{earlier.message_id}>".strip()


def _with_history(letter: Letter) -> str:
    if letter.answers is None:
        return f"{letter.text}\n"
    earlier = letter.answers
    words = _ATTRIBUTIONS.get(letter.language, _ATTRIBUTIONS["en"])
    said = words.format(
        date=f"{earlier.received_at:%Y-%m-%d %H:%M}", name=earlier.sender
    )
    quoted = "\n".join(f"> {line}".rstrip() for line in earlier.text.splitlines())
    return f"{letter.text}\n\n{said}\n\n{quoted}\n"


def reply_subject(subject: str) -> str:
    """Return a subject as mail programs write it on an answer."""
    return subject if subject[:3].casefold() == "re:" else f"Re: {subject}"
