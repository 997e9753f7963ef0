"""Reads a mail as the world writes it. Never fails, whatever the bytes.

Pure Python without Django: it runs in a child process with little memory. Time is
linear in the length of the mail; `limits` says how much of it is read.
"""

from channels_ingest.adapters.email.addresses import read_mailboxes
from channels_ingest.adapters.email.bodies import BodyReader
from channels_ingest.adapters.email.charsets import codec_named
from channels_ingest.adapters.email.headers import Headers, header_text
from channels_ingest.adapters.email.identifiers import (
    message_ids,
    own_message_id,
    parse_date,
)
from channels_ingest.adapters.email.limits import MAX_MAIL_BYTES, MAX_SUBJECT_CHARS
from channels_ingest.adapters.email.parsed import Mailbox, ParsedMail
from channels_ingest.adapters.email.reading_state import ReadingState
from channels_ingest.adapters.email.structure import Part, split_parts

_NOBODY = Mailbox(name="", email="")


def parse_mail(raw: bytes) -> ParsedMail:
    """Return everything a mail says. What was repaired or cut is in `defects`."""
    state = ReadingState(_read_message)
    if len(raw) > MAX_MAIL_BYTES:
        state.defects.note(f"Only its first {MAX_MAIL_BYTES} bytes were read.")
        raw = raw[:MAX_MAIL_BYTES]
    return _read_message(raw, state)


def _read_message(raw: bytes, state: ReadingState) -> ParsedMail:
    root = split_parts(raw, state.budget, state.defects)
    hint = _charset_used(root)
    headers = root.headers
    body = BodyReader(state, hint).read(root)
    author = _author(headers, hint, state)
    senders = read_mailboxes(headers, "sender", hint)
    return ParsedMail(
        subject=header_text(headers.first("subject"), hint)[:MAX_SUBJECT_CHARS],
        from_email=author.email,
        from_name=author.name,
        sender=senders[0] if senders else None,
        to=read_mailboxes(headers, "to", hint),
        cc=read_mailboxes(headers, "cc", hint),
        bcc=read_mailboxes(headers, "bcc", hint),
        reply_to=read_mailboxes(headers, "reply-to", hint),
        message_id=own_message_id(_text(headers, "message-id")),
        in_reply_to=message_ids(_texts(headers, "in-reply-to")),
        references=message_ids(_texts(headers, "references")),
        date=parse_date(_text(headers, "date")),
        text=body.text,
        html=body.html,
        attachments=body.attachments,
        headers=tuple((name, header_text(raw, hint)) for name, raw in headers),
        list_id=_text(headers, "list-id"),
        content_type=root.kind.full,
        is_signed=_has_type(root, "signed", "pkcs7-signature"),
        is_encrypted=_has_type(root, "encrypted", "pkcs7-mime"),
        defects=state.defects.as_tuple(),
    )


def _text(headers: Headers, name: str) -> str:
    return header_text(headers.first(name))


def _texts(headers: Headers, name: str) -> list[str]:
    return [header_text(raw) for raw in headers.all(name)]


def _author(headers: Headers, hint: str, state: ReadingState) -> Mailbox:
    """Return the first real address of From, else whoever else is named."""
    found = read_mailboxes(headers, "from", hint)
    for mailbox in found:
        if "@" in mailbox.email:
            return mailbox
    if found:
        state.defects.note("Its sender has no full address.")
        return found[0]
    state.defects.note("It has no sender.")
    for name in ("sender", "return-path"):
        for mailbox in read_mailboxes(headers, name, hint):
            return mailbox
    return _NOBODY


def _charset_used(root: Part) -> str:
    """Return a charset that some part declares, as a hint for those that do not."""
    for part in _walk(root):
        declared = part.kind.charset if part.kind.maintype == "text" else ""
        if codec_named(declared) not in ("", "ascii"):
            return declared
    return ""


def _has_type(root: Part, multipart: str, subtype: str) -> bool:
    return any(
        part.kind.full == f"multipart/{multipart}"
        or part.kind.subtype in (subtype, f"x-{subtype}")
        for part in _walk(root)
    )


def _walk(root: Part) -> list[Part]:
    found, pending = [], [root]
    while pending:
        part = pending.pop()
        found.append(part)
        pending.extend(reversed(part.children))
    return found
