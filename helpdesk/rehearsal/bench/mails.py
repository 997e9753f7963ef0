"""Mails as people send them: some short, some long, some with a file, some in HTML."""

from email.message import EmailMessage
from email.policy import SMTP

_WORDS = [
    "Hello",
    "there,",
    "my",
    "order",
    "has",
    "not",
    "arrived",
    "yet",
    "and",
    "the",
    "tracking",
    "page",
    "shows",
    "nothing",
    "since",
    "Friday.",
    "Could",
    "you",
    "please",
    "have",
    "a",
    "look",
    "and",
    "tell",
    "me",
    "when",
    "it",
    "will",
    "be",
    "here?",
    "I",
    "need",
    "it",
    "for",
    "a",
    "trip",
    "next",
    "week.",
    "Thank",
    "you",
    "very",
    "much",
    "and",
    "kind",
    "regards.",
]
PEOPLE = 400
_FILE = bytes(range(256)) * 40


def sample_mail(number: int, *, run: int, to: str) -> bytes:
    """Return mail `number`; every tenth has HTML, every twentieth a file of 10 kB."""
    person = (number * 31 + run) % PEOPLE
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Person {person} <person{person}@people.example>"
    mail["To"] = to
    mail["Subject"] = f"Question {run}-{number}"
    mail["Message-ID"] = f"<bench-{run}-{number}@people.example>"
    mail["Date"] = "Sun, 22 Nov 2026 09:00:00 +0000"
    text = _text(number)
    mail.set_content(text)
    if number % 10 == 0:
        paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
        mail.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html")
    if number % 20 == 0:
        mail.add_attachment(
            _FILE, maintype="application", subtype="pdf", filename="invoice.pdf"
        )
    return mail.as_bytes()


def _text(number: int) -> str:
    words = _WORDS[number % 7 :] * (1 + number % 4)
    lines = [" ".join(words[at : at + 12]) for at in range(0, len(words), 12)]
    if number % 3 == 0:
        lines += ["", "On 21 November 2026, Support wrote:", "> How can we help you?"]
    return "\n".join(lines) + f"\n\nReference {number}\n"
