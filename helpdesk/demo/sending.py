"""Customers hand in their mail where everybody does: at the public SMTP port."""

import smtplib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings

from helpdesk.demo.letters import Letter, compose_letter, reply_subject
from helpdesk.demo.models import ReceivedMail
from helpdesk.demo.papers import Paper
from helpdesk.demo.story_mail import earlier

SECONDS = 10


class NotHandedIn(Exception):
    """The mail server did not take it; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes."""

    name: str
    address: str
    language: str = "en"


def write_to_us(
    *,
    author: Author,
    to: str,
    subject: str,
    text: str,
    now: datetime,
    papers: Sequence[Paper] = (),
) -> str:
    """Send a new mail to the desk; return its Message-ID.

    :raises NotHandedIn: if the mail server does not take it
    """
    return _hand_in(
        Letter(
            name=author.name,
            address=author.address,
            to=to,
            subject=subject,
            text=text,
            sent_at=now,
            message_id=_new_id(author),
            language=author.language,
            papers=papers,
        )
    )


def answer_mail(
    *,
    author: Author,
    mail: ReceivedMail,
    text: str,
    now: datetime,
    papers: Sequence[Paper] = (),
) -> str:
    """Answer a mail that came from the desk, as a mail program would.

    :raises NotHandedIn: if the mail server does not take it
    """
    return _hand_in(
        Letter(
            name=author.name,
            address=author.address,
            to=mail.reply_to,
            subject=reply_subject(mail.subject),
            text=text,
            sent_at=now,
            message_id=_new_id(author),
            language=author.language,
            answers=earlier(mail),
            papers=papers,
        )
    )


def _new_id(author: Author) -> str:
    return f"{uuid.uuid4()}@{author.address.rpartition('@')[2]}"


def _hand_in(letter: Letter) -> str:
    mail = compose_letter(letter)
    try:
        with smtplib.SMTP(_host(), settings.SMTP_PORT, timeout=SECONDS) as smtp:
            smtp.sendmail(letter.address, [parseaddr(letter.to)[1]], mail.as_bytes())
    except (smtplib.SMTPException, OSError) as error:
        raise NotHandedIn(str(error)) from error
    return letter.message_id


def _host() -> str:
    bind = str(getattr(settings, "SMTP_BIND", settings.BIND))
    return "127.0.0.1" if bind in ("0.0.0.0", "::", "") else bind  # noqa: S104
