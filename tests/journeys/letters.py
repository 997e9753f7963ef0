"""What customers write."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from uuid import uuid4


def letter(*, sender, text, to="support@larchwood.example", subject="", answers=None):
    """Return a mail as a customer's mail program writes it.

    `answers` is the mail of ours that it answers, as the customer received it.
    """
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = str(answers["Reply-To"]) if answers else to
    mail["Subject"] = f"Re: {answers['Subject']}" if answers else subject
    mail["Date"] = format_datetime(datetime.now(tz=UTC))
    mail["Message-ID"] = make_msgid(domain="mailer.example")
    if answers:
        mail["In-Reply-To"] = answers["Message-ID"]
        mail["References"] = f"{answers.get('References', '')} {answers['Message-ID']}"
    mail.set_content(text)
    return mail


def somebody(first_name="Wanda"):
    """Return the mailbox of a customer nobody has heard of."""
    mark = uuid4().hex[:6]
    return f"{first_name} {mark.title()} <{first_name.lower()}@{mark}.example>"


def address_of(mailbox):
    return mailbox.rpartition("<")[2].rstrip(">")


def subject_of(words):
    """Return a subject that no other mail of the run has."""
    return f"{words} {uuid4().hex[:6]}"
