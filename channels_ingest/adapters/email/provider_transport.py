"""Hand one mail to a provider's API through django-anymail."""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailRecipientsRefused,
)
from anymail.message import AnymailMessage
from django.core.mail import get_connection

from channels_ingest.adapters.email.outgoing import Letterhead
from channels_ingest.base import SendFailed
from inbox.contract import OutboundMessage, SendResult

PROVIDERS: dict[str, str] = {
    name: f"anymail.backends.{module}.EmailBackend"
    for name, module in (
        ("amazon_ses", "amazon_ses"),
        ("brevo", "brevo"),
        ("mailersend", "mailersend"),
        ("mailgun", "mailgun"),
        ("mailjet", "mailjet"),
        ("mailtrap", "mailtrap"),
        ("mandrill", "mandrill"),
        ("postal", "postal"),
        ("postmark", "postmark"),
        ("resend", "resend"),
        ("scaleway", "scaleway"),
        ("sendgrid", "sendgrid"),
        ("sparkpost", "sparkpost"),
        ("unisender_go", "unisender_go"),
    )
}
"""Every provider django-anymail sends through, and the backend that does it."""

TIMEOUT_SECONDS = 30
REFUSED_STATES = frozenset({"rejected", "failed", "invalid"})


def transmit_by_provider(
    mail: EmailMessage,
    *,
    outgoing: Mapping[str, Any],
    letterhead: Letterhead,
    message: OutboundMessage,
) -> SendResult:
    """Send `mail` through the provider that the channel names.

    :raises SendFailed: ambiguous when the provider did not answer in time
    """
    provider = str(outgoing.get("provider", ""))
    if provider not in PROVIDERS:
        raise SendFailed(f"There is no mail provider named “{provider}”.")
    outgoing_mail = _anymail_message(mail, letterhead=letterhead, message=message)
    try:
        outgoing_mail.connection = get_connection(
            PROVIDERS[provider],
            requests_timeout=TIMEOUT_SECONDS,
            **(outgoing.get("settings") or {}),
        )
        outgoing_mail.send()
    except (AnymailError, requests.RequestException, ImportError, ValueError) as error:
        raise _failure(error) from error
    return _result(outgoing_mail, letterhead=letterhead)


def _anymail_message(
    mail: EmailMessage, *, letterhead: Letterhead, message: OutboundMessage
) -> AnymailMessage:
    plain = mail.get_body(("plain",))
    html = mail.get_body(("html",))
    outgoing = AnymailMessage(
        subject=str(mail["Subject"]),
        body=plain.get_content() if plain else "",
        from_email=str(mail["From"]),
        to=_addresses(mail, "To"),
        cc=_addresses(mail, "Cc"),
        bcc=[r.handle for r in message.recipients if r.role == "bcc"],
        reply_to=_addresses(mail, "Reply-To"),
        headers=_extra_headers(mail),
        metadata={"tributary_key": message.idempotency_key},
    )
    if html:
        outgoing.attach_alternative(html.get_content(), "text/html")
    for file in message.attachments:
        if file.is_inline:
            outgoing.attach(_inline_part(file.content, file.content_type, file))
        else:
            outgoing.attach(file.name, file.content, file.content_type or None)
    return outgoing


def _addresses(mail: EmailMessage, header: str) -> list[str]:
    value = mail[header]
    return [str(address) for address in value.addresses] if value else []


def _extra_headers(mail: EmailMessage) -> dict[str, str]:
    names = (
        "Message-ID",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "Precedence",
        "X-Tributary-Probe",
    )
    return {name: str(mail[name]) for name in names if mail[name]}


def _inline_part(content: bytes, content_type: str, file: Any) -> Any:
    from email.mime.image import MIMEImage

    part = MIMEImage(content, _subtype=content_type.partition("/")[2] or "png")
    part["Content-Disposition"] = f'inline; filename="{file.content_id}"'
    part["Content-ID"] = f"<{file.content_id}>"
    return part


def _failure(error: Exception) -> SendFailed:
    said = str(error)[:2000]
    if isinstance(error, AnymailRecipientsRefused):
        return SendFailed(
            "The mail provider refused every recipient.",
            diagnostic=said,
            permanent=True,
        )
    if isinstance(error, (AnymailConfigurationError, ImportError, ValueError)):
        return SendFailed(
            "The channel's mail provider is not set up completely.", diagnostic=said
        )
    status = getattr(error, "status_code", None)
    if isinstance(error, AnymailAPIError) and status is not None:
        return _answered(status, said=said)
    # No answer: the provider may have taken it before the line went dead.
    refused_connection = isinstance(error.__cause__ or error, requests.ConnectionError)
    return SendFailed(
        "The mail provider did not answer.",
        diagnostic=said,
        ambiguous=not refused_connection,
    )


def _answered(status: int, *, said: str) -> SendFailed:
    if status in (401, 403):
        return SendFailed(
            "The mail provider did not accept the key. Check the channel's settings.",
            diagnostic=said,
        )
    if status == 429 or status >= 500:
        return SendFailed("The mail provider is busy.", diagnostic=said)
    return SendFailed(
        "The mail provider refused the message.", diagnostic=said, permanent=True
    )


def _result(outgoing: AnymailMessage, *, letterhead: Letterhead) -> SendResult:
    status = outgoing.anymail_status
    key = letterhead.message_id.strip("<>")
    ids = status.message_id
    external_id = next(iter(ids)) if isinstance(ids, set) else (ids or key)
    refused = {
        handle: "The mail provider refused this recipient."
        for handle, recipient in status.recipients.items()
        if recipient.status in REFUSED_STATES
    }
    return SendResult(
        external_id=str(external_id).strip("<>"),
        own_keys=tuple(dict.fromkeys((key, str(external_id).strip("<>")))),
        response=", ".join(sorted(filter(None, status.status or ()))),
        refused=refused,
    )
