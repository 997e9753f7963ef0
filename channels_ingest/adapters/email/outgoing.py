"""Turn an outbound message into the mail that leaves: headers, bodies, files."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from inbox.contract import Attachment, OutboundMessage, Recipient

MAX_REFERENCES = 20
"""Kept of a long thread: the first one, and the latest of the others."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f]{1,64}@[^\s@<>,;:\"()]{1,255}")
_POLICY = SMTP.clone(max_line_length=78)


class AddressNotUsable(Exception):
    """The address cannot stand in a mail header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What a channel puts on every mail: who it is from, and where answers go."""

    from_name: str
    from_address: str
    reply_to: str
    """A signed address that leads an answer back into its conversation."""
    envelope_sender: str
    """A signed address that leads a bounce back to its message."""
    message_id: str
    """With angle brackets."""


def compose_mail(message: OutboundMessage, *, letterhead: Letterhead) -> EmailMessage:
    """Return the complete mail, ready for any transport.

    :raises AddressNotUsable: if an address breaks the rules of RFC 5322
    """
    mail = EmailMessage(policy=_POLICY)
    _write_headers(mail, message=message, letterhead=letterhead)
    _write_bodies(mail, message=message)
    for attachment in message.attachments:
        if not attachment.is_inline:
            _attach(mail, attachment)
    return mail


def _write_headers(
    mail: EmailMessage, *, message: OutboundMessage, letterhead: Letterhead
) -> None:
    mail["From"] = _address(letterhead.from_name, letterhead.from_address)
    for name, role in (("To", "to"), ("Cc", "cc")):
        people = [_address(r.name, r.handle) for r in _with_role(message, role)]
        if people:
            mail[name] = people
    if letterhead.reply_to != letterhead.from_address:
        mail["Reply-To"] = _address(letterhead.from_name, letterhead.reply_to)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(message.created_at or datetime.now(tz=UTC))
    mail["Message-ID"] = letterhead.message_id
    _write_thread(mail, keys=message.thread_keys)
    if message.is_automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "bulk"


def _with_role(message: OutboundMessage, role: str) -> Iterable[Recipient]:
    return (recipient for recipient in message.recipients if recipient.role == role)


def _write_thread(mail: EmailMessage, *, keys: Sequence[str]) -> None:
    if not keys:
        return
    kept = [keys[0], *keys[1:][-(MAX_REFERENCES - 1) :]]
    ids = [f"<{key}>" for key in kept if _is_message_id(key)]
    if ids:
        mail["In-Reply-To"] = ids[-1]
        mail["References"] = " ".join(ids)


def _is_message_id(key: str) -> bool:
    return bool(re.fullmatch(r"[!-;=?-~]{1,240}", key))


def one_line(text: str) -> str:
    """Return `text` without anything that could begin another header."""
    return _CONTROL.sub(" ", text).strip()[:900]


def _address(name: str, handle: str) -> Address:
    if not _ADDRESS.fullmatch(handle):
        raise AddressNotUsable(handle)
    local, _, domain = handle.rpartition("@")
    try:
        return Address(
            display_name=one_line(name),
            username=local,
            domain=domain.encode("idna").decode() if not domain.isascii() else domain,
        )
    except (ValueError, IndexError, UnicodeError) as error:
        raise AddressNotUsable(handle) from error


def _write_bodies(mail: EmailMessage, *, message: OutboundMessage) -> None:
    text = "\n\n".join(filter(None, (message.text, message.quoted_text)))
    mail.set_content(text + "\n", cte="quoted-printable")
    if not message.html:
        return
    mail.add_alternative(
        _html_page(message.html + message.quoted_html),
        subtype="html",
        cte="quoted-printable",
    )
    html_part = mail.get_payload()[-1]  # type: ignore[index]
    assert isinstance(html_part, EmailMessage)
    for image in message.attachments:
        if image.is_inline:
            _relate(html_part, image)


def _html_page(body: str) -> str:
    return (
        '<!doctype html><html><head><meta charset="utf-8"></head>'
        f"<body>{body}</body></html>\n"
    )


def _relate(html_part: EmailMessage, image: Attachment) -> None:
    main, sub = _media_type(image)
    html_part.add_related(
        image.content,
        maintype=main,
        subtype=sub,
        cid=f"<{image.content_id}>",
        filename=one_line(image.name),
        disposition="inline",
    )


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    main, sub = _media_type(attachment)
    mail.add_attachment(
        attachment.content,
        maintype=main,
        subtype=sub,
        filename=one_line(attachment.name) or "file",
    )


def _media_type(attachment: Attachment) -> tuple[str, str]:
    """Return a media type that is safe to hand to `EmailMessage` as bytes."""
    main, _, sub = attachment.content_type.partition("/")
    token = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}")
    if main in ("multipart", "message") or not (
        token.fullmatch(main) and token.fullmatch(sub)
    ):
        return "application", "octet-stream"
    return main, sub
