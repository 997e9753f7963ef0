"""How a mail is read, laid open for people: every part, repair and sign."""

from typing import Any

from channels_ingest.adapters.email.bounces import Bounce
from channels_ingest.adapters.email.classification import Classification
from channels_ingest.adapters.email.parsed import Mailbox, ParsedAttachment, ParsedMail

MAX_TEXT = 20_000
MAX_HEADERS = 500


def examined(
    mail: ParsedMail, *, classification: Classification, bounce: Bounce | None
) -> dict[str, Any]:
    """Return what was found in a mail as plain values."""
    return {
        "from": _mailbox(Mailbox(name=mail.from_name, email=mail.from_email)),
        "sender": _mailbox(mail.sender) if mail.sender else None,
        "to": [_mailbox(box) for box in mail.to],
        "cc": [_mailbox(box) for box in mail.cc],
        "reply_to": [_mailbox(box) for box in mail.reply_to],
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "content_type": mail.content_type,
        "is_signed": mail.is_signed,
        "is_encrypted": mail.is_encrypted,
        "defects": list(mail.defects),
        "headers": [list(header) for header in mail.headers[:MAX_HEADERS]],
        "has_text": mail.text is not None,
        "has_html": mail.html is not None,
        "whole_text": (mail.text or "")[:MAX_TEXT],
        "attachments": [_attachment(each) for each in mail.attachments],
        "kind": classification.kind,
        "why_this_kind": list(classification.why),
        "may_acknowledge": classification.may_acknowledge,
        "is_marked_as_spam": classification.is_marked_as_spam,
        "bounce": _bounce(bounce) if bounce else None,
    }


def _mailbox(box: Mailbox) -> dict[str, str]:
    return {"name": box.name, "email": box.email}


def _attachment(each: ParsedAttachment) -> dict[str, Any]:
    return {
        "filename": each.filename,
        "original_filename": each.original_filename,
        "content_type": each.content_type,
        "size": len(each.data),
        "content_id": each.content_id,
        "is_inline": each.is_inline,
        "events": len(each.events),
        "is_mail": each.message is not None,
    }


def _bounce(bounce: Bounce) -> dict[str, Any]:
    return {
        "reason": str(bounce.reason),
        "original_message_id": bounce.original_message_id,
        "recipients": [
            {
                "address": recipient.address,
                "action": recipient.action,
                "status": recipient.status,
                "reason": str(recipient.reason.sentence),
                "diagnostic": recipient.diagnostic,
            }
            for recipient in bounce.recipients
        ],
    }
