"""The raw mail behind the steps of the story."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from helpdesk.demo.letters import (
    MAIL_SERVER,
    Earlier,
    Letter,
    compose_letter,
    reply_subject,
)
from helpdesk.demo.models import ReceivedMail
from helpdesk.demo.papers import paper_named
from helpdesk.demo.script import Step, Story
from inbox.models import Channel, Delivery

_PAGES = Path(__file__).resolve().parent / "story"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Raw input, with what the door that it came in by knew about it."""

    raw: bytes
    source: str = "smtp"
    headers: Mapping[str, Any]


def last_reply(conversation_id: int) -> ReceivedMail | None:
    """Return the last mail of ours that a conversation's customer has received."""
    sent = (
        Delivery.objects.filter(conversation_id=conversation_id)
        .exclude(provider_message_id="")
        .order_by("-item_id")
        .values_list("provider_message_id", flat=True)
        .first()
    )
    return ReceivedMail.objects.filter(message_id=sent).first() if sent else None


def letter_of(
    step: Step,
    *,
    story: Story,
    channel: Channel,
    answers: ReceivedMail | None,
    at: datetime,
) -> Envelope:
    """Return the mail of a step; it answers `answers`, if that is there."""
    letter = _first_letter(step, story=story, channel=channel, at=at)
    if answers is not None:
        letter = replace(
            letter,
            to=answers.reply_to,
            subject=step.details.get("subject", reply_subject(letter.subject)),
            answers=earlier(answers),
        )
    return in_envelope(letter)


def earlier(mail: ReceivedMail) -> Earlier:
    """Return what an answer to `mail` says of it."""
    return Earlier(
        message_id=mail.message_id,
        references=mail.references,
        sender=mail.sender_name,
        text=mail.text.strip(),
        received_at=mail.received_at,
    )


def in_envelope(letter: Letter) -> Envelope:
    """Compose the mail and say what our SMTP server would have noted with it."""
    mail = compose_letter(letter)
    return Envelope(
        raw=mail.as_bytes(),
        headers=_smtp_headers(mail, sender=letter.address),
    )


def _smtp_headers(mail: EmailMessage, *, sender: str) -> dict[str, Any]:
    recipients = [address.addr_spec for address in mail["To"].addresses]
    return {
        "mail_from": sender,
        "rcpt_to": recipients,
        "peer": "192.0.2.25",
        "helo": MAIL_SERVER,
        "is_encrypted": True,
    }


def _first_letter(
    step: Step, *, story: Story, channel: Channel, at: datetime
) -> Letter:
    topic = story.topics[step.topic]
    name, address = _author(step, story=story)
    page = step.details.get("page")
    domain = address.rpartition("@")[2]
    return Letter(
        name=name,
        address=address,
        to=f"{channel.from_name} <{channel.address}>",
        subject=step.details.get("subject", topic.subject),
        text=step.text.replace("{yesterday}", _day_before(at)),
        html=(_PAGES / f"{page}.html").read_text(encoding="utf-8") if page else "",
        sent_at=at - timedelta(seconds=4),
        message_id=f"{step.topic}.{int(step.ago.total_seconds())}@{domain}",
        language=step.details.get("lang", "en"),
        papers=[paper_named(file) for file in step.details.get("files", ())],
        verdict=step.details.get("verdict", "pass"),
        headers=step.details.get("headers", {}),
    )


def _author(step: Step, *, story: Story) -> tuple[str, str]:
    details = step.details
    if "colleague" in details:
        colleague = story.colleagues[details["colleague"]]
        return colleague.name, colleague.email
    if "from_address" in details:
        return details["from_name"], details["from_address"]
    person = story.people[details.get("from") or story.topics[step.topic].who]
    return person.name, person.email


def _day_before(at: datetime) -> str:
    return f"{at - timedelta(days=1):%a, %b %d, %Y at %I:%M %p}"


def bounce_of(step: Step, conversation_id: int, *, at: datetime) -> Envelope:
    """Return the report that our last message did not reach the step's address."""
    original = last_reply(conversation_id)
    assert original is not None
    address = step.text
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@{MAIL_SERVER}>"
    report["To"] = original.sender
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(at)
    report["Message-ID"] = f"<{step.topic}.bounce@{MAIL_SERVER}>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(
        MIMEText(
            f"I'm sorry to have to inform you that your message could not be\n"
            f"delivered to one recipient.\n\n<{address}>: 550 5.1.1 {_DIAGNOSIS}\n"
        )
    )
    report.attach(_delivery_status(address))
    report.attach(_headers_of(original))
    return Envelope(
        raw=report.as_bytes(),
        headers={
            "mail_from": "",
            "rcpt_to": ["support@larchwood.example"],
            "peer": "192.0.2.25",
            "helo": MAIL_SERVER,
        },
    )


_DIAGNOSIS = "The email account that you tried to reach does not exist"


def _delivery_status(address: str) -> Message:
    per_message = EmailMessage()
    per_message["Reporting-MTA"] = f"dns; {MAIL_SERVER}"
    per_recipient = EmailMessage()
    per_recipient["Final-Recipient"] = f"rfc822; {address}"
    per_recipient["Action"] = "failed"
    per_recipient["Status"] = "5.1.1"
    per_recipient["Diagnostic-Code"] = f"smtp; 550 5.1.1 {_DIAGNOSIS}"
    part = Message()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([per_message, per_recipient])
    return part


def _headers_of(mail: ReceivedMail) -> MIMEText:
    head = bytes(mail.raw).replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return MIMEText(f"{head.decode('utf-8', 'replace')}\n", "rfc822-headers")


def broken_request(step: Step) -> Envelope:
    """Return a provider's call that was cut off in the middle of a file."""
    body = (
        '{"FromFull": {"Email": "accounts@slate-and-sons.example", "Name": '
        '"Slate and Sons"}, "Subject": "Invoice 7713", "TextBody": "Please find '
        f'our invoice attached.", "Attachments": [{{"Name": "{step.text}", '
        '"ContentType": "application/pdf", "Content": "JVBERi0xLjQKMSAwIG9iago8'
    )
    return Envelope(
        raw=body.encode(),
        source="webhook",
        headers={
            "method": "POST",
            "url": "https://desk.larchwood.example/hooks/email/2/",
            "headers": {"content-type": "application/json"},
        },
    )
