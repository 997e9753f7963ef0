"""Turn a mail that has been read into a message of the contract."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from channels_ingest.adapters.email.classification import Classification
from channels_ingest.adapters.email.origins import Origin
from channels_ingest.adapters.email.parsed import (
    Mailbox,
    ParsedAttachment,
    ParsedMail,
)
from channels_ingest.adapters.email.references import normalize_message_id, parent_ids
from channels_ingest.adapters.email.replies import split_html, split_text
from channels_ingest.adapters.email.signed_ids import (
    read_message_id,
    read_reply_address,
)
from channels_ingest.base import Account, RawInput
from channels_ingest.fingerprint import mail_key
from helpdesk.core.html import SafeHtml, sanitize_mail
from inbox.contract import (
    Attachment,
    Authentication,
    InboundMessage,
    Nature,
    Recipient,
)

MAX_RECIPIENTS = 500
MAX_KEYS = 50
_ADDRESS_HEADERS = ("Delivered-To", "X-Original-To", "X-Forwarded-To", "Envelope-To")
_NATURES = {
    "person": Nature.PERSON,
    "no_body": Nature.PERSON,
    "no_sender": Nature.NOTIFICATION,
    "mailing_list": Nature.LIST,
    "auto_reply": Nature.AUTO_REPLY,
    "bounce": Nature.BOUNCE,
}
NOTHING = SafeHtml(html="")
TRUNCATED = "The message is very long. The rest is in its source."
CUT = "The mail is too large to fetch. Its end is still in the mailbox."
MARKED_AS_SPAM = "A mail server on the way took it for spam."


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What was written, apart from what was quoted and signed."""

    text: str
    html: str = ""
    quoted_text: str = ""
    quoted_html: str = ""
    signature: str = ""
    remote_images: int = 0
    inline_ids: frozenset[str] = frozenset()
    """Pictures that the HTML shows."""
    is_truncated: bool = False


def message_of(
    mail: ParsedMail,
    *,
    raw: RawInput,
    account: Account,
    origin: Origin,
    authentication: Authentication,
    classification: Classification,
) -> InboundMessage:
    """Return the message that `mail` is to the people who read it."""
    shown = origin.mail or mail
    body = _body_of(shown, origin=origin)
    keys = thread_keys_of(mail)
    return InboundMessage(
        external_id=raw.external_id or mail_key(raw.raw),
        sender=origin.sender,
        text=_with_invitations(body.text, shown.attachments),
        html=body.html,
        sent_at=_moment(origin.sent_at or mail.date, otherwise=raw.received_at),
        subject=origin.subject or mail.subject,
        proven_conversation_id=proven_conversation(mail, raw=raw, account=account),
        thread_keys=keys,
        own_keys=_own_keys(mail),
        is_reply=bool(keys),
        recipients=tuple(_recipients(mail)),
        attachments=tuple(_attachments(shown.attachments, body=body)),
        quoted_text=body.quoted_text,
        quoted_html=body.quoted_html,
        signature=body.signature,
        nature=_NATURES.get(classification.kind, Nature.NOTIFICATION),
        authentication=authentication,
        claimed_sender=origin.forwarded_by,
        remote_images=body.remote_images,
        deserves_acknowledgement=classification.may_acknowledge
        and origin.forwarded_by is None,
        warnings=tuple(
            _warnings(mail, raw=raw, body=body, classification=classification)
        ),
    )


def thread_keys_of(mail: ParsedMail) -> tuple[str, ...]:
    """Return the ids of earlier messages that the mail names, the nearest first."""
    keys = parent_ids(in_reply_to=mail.in_reply_to, references=mail.references)
    return keys[:MAX_KEYS]


def proven_conversation(
    mail: ParsedMail, *, raw: RawInput, account: Account
) -> int | None:
    """Return the conversation that a signed id or address of ours in the mail names."""
    for secret in account.token_keys:
        for key in thread_keys_of(mail):
            named = read_message_id(secret=secret, message_id=key)
            if named is not None:
                return named.conversation
        for address in _addresses_it_came_to(mail, raw=raw):
            meant = read_reply_address(secret=secret, address=address)
            if meant is not None:
                return meant.conversation
    return None


def _addresses_it_came_to(mail: ParsedMail, *, raw: RawInput) -> Iterable[str]:
    recipients = raw.headers.get("rcpt_to") or ()
    yield from (str(each) for each in recipients)
    for name in _ADDRESS_HEADERS:
        yield from mail.header_values(name)[:10]
    for box in (*mail.to, *mail.cc)[:MAX_RECIPIENTS]:
        yield box.email


def digest_of(mail: ParsedMail) -> str:
    """Return a key for a mail that a provider took apart and put together again."""
    digest = hashlib.sha256()
    own = "".join(_own_keys(mail))
    for part in (own, mail.from_email, str(mail.date), mail.subject, mail.text or ""):
        digest.update(part.encode() + b"\0")
    return f"hook:{digest.hexdigest()}"


def _body_of(mail: ParsedMail, *, origin: Origin) -> Body:
    body = _split_text(origin.text) if origin.text else _split(mail)
    if not origin.comment:
        return body
    # What a colleague put above a forwarded message is not the author's.
    quoted = f"{origin.comment}\n\n{body.quoted_text}".strip()
    return replace(body, quoted_text=quoted)


def _split_text(text: str) -> Body:
    split = split_text(text)
    if not split.visible.strip():
        return Body(text=text.strip())
    return Body(
        text=split.visible.strip(),
        quoted_text=split.quoted.strip(),
        signature=split.signature.strip(),
    )


def _split(mail: ParsedMail) -> Body:
    text, html = mail.text or "", mail.html or ""
    if not html.strip():
        return _split_text(text)
    parts = split_html(html)
    visible = sanitize_mail(parts.visible)
    quoted = sanitize_mail(parts.quoted) if parts.quoted else NOTHING
    plain = split_text(text)
    return Body(
        text=(plain.visible.strip() or parts.visible_text.strip() or text.strip()),
        html=visible.html,
        quoted_text=plain.quoted.strip(),
        quoted_html=quoted.html,
        signature=plain.signature.strip(),
        remote_images=len(visible.remote_images),
        inline_ids=_shown_ids(visible, quoted),
        is_truncated=visible.is_truncated,
    )


def _shown_ids(*parts: SafeHtml) -> frozenset[str]:
    return frozenset(each for part in parts for each in part.inline_images)


def _with_invitations(text: str, attachments: Sequence[ParsedAttachment]) -> str:
    summaries = [each.text for each in attachments if each.events and each.text]
    return "\n\n".join(filter(None, (text, *summaries)))


def _attachments(
    attachments: Sequence[ParsedAttachment], *, body: Body
) -> Iterable[Attachment]:
    for each in attachments:
        yield Attachment(
            name=each.filename,
            content_type=each.content_type,
            content=each.data,
            content_id=each.content_id,
            # What the text does not show would otherwise be seen nowhere.
            is_inline=bool(each.content_id) and each.content_id in body.inline_ids,
        )


def _moment(date: datetime | None, *, otherwise: datetime | None) -> datetime:
    moment = date or otherwise or datetime.now(tz=UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return otherwise or datetime.now(tz=UTC)


def _own_keys(mail: ParsedMail) -> tuple[str, ...]:
    key = normalize_message_id(mail.message_id)
    return (key,) if key else ()


def _recipients(mail: ParsedMail) -> Iterable[Recipient]:
    roles: tuple[tuple[str, tuple[Mailbox, ...]], ...] = (
        ("to", mail.to),
        ("cc", mail.cc),
        ("reply_to", mail.reply_to),
    )
    for role, boxes in roles:
        for box in boxes[:MAX_RECIPIENTS]:
            if box.email:
                yield Recipient(
                    handle=box.email.lower()[:320], name=box.name[:200], role=role
                )


def _warnings(
    mail: ParsedMail, *, raw: RawInput, body: Body, classification: Classification
) -> Iterable[str]:
    yield from mail.defects
    if raw.headers.get("is_cut"):
        yield CUT
    if body.is_truncated:
        yield TRUNCATED
    if classification.is_marked_as_spam:
        yield MARKED_AS_SPAM
