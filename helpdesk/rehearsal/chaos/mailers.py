"""Other people's mail servers: they hand mail over until they are told it was taken."""

import random
import smtplib
import threading
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

PAUSE_SECONDS = 0.25
TIMEOUT_SECONDS = 15
REDELIVERED = 0.10
REORDERED = 0.05


@dataclass(slots=True)
class Correspondence:
    """One customer's mails about one thing, in the order they were taken."""

    number: int
    to: str
    chance: random.Random
    taken: list[str] = field(default_factory=list)
    """Message-IDs that were answered with 250, in that order."""
    handed: int = 0
    """Times a mail was handed over and taken, redeliveries included."""
    refused: int = 0
    """Times it was not taken and had to be handed over again."""

    def message_id(self, index: int) -> str:
        return f"chaos-{self.number}-{index}@people.example"

    def mail(self, index: int) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"Person {self.number} <person{self.number}@people.example>"
        mail["To"] = self.to
        mail["Subject"] = f"Matter {self.number}"
        mail["Message-ID"] = f"<{self.message_id(index)}>"
        mail["Date"] = "Sun, 22 Nov 2026 09:00:00 +0000"
        if index:
            mail["References"] = f"<{self.message_id(0)}>"
            mail["In-Reply-To"] = f"<{self.message_id(index - 1)}>"
        mail.set_content(f"Message {index} about matter {self.number}.\n")
        return mail.as_bytes()

    def order(self, count: int) -> list[int]:
        """Return the order in which to send: a few change places with the next."""
        order = list(range(count))
        for at in range(1, count - 1):
            if self.chance.random() < REORDERED:
                order[at], order[at + 1] = order[at + 1], order[at]
        return order


class MailServer(threading.Thread):
    """Sends its correspondences' mails one after another until told to stop."""

    def __init__(
        self,
        correspondences: list[Correspondence],
        *,
        port: int,
        rounds: int,
        pace_seconds: float,
    ) -> None:
        super().__init__(daemon=True)
        self.correspondences = correspondences
        self.port, self.rounds, self.pace = port, rounds, pace_seconds
        self.stop = threading.Event()

    def run(self) -> None:
        orders = [c.order(self.rounds) for c in self.correspondences]
        for turn in range(self.rounds):
            for correspondence, order in zip(self.correspondences, orders, strict=True):
                if self.stop.is_set():
                    return
                self._send(correspondence, order[turn])
                time.sleep(self.pace)

    def _send(self, correspondence: Correspondence, index: int) -> None:
        raw = correspondence.mail(index)
        sender = f"person{correspondence.number}@people.example"
        copies = 1
        if correspondence.chance.random() < REDELIVERED:
            copies += correspondence.chance.randrange(1, 4)
        for copy in range(copies):
            if not self._until_taken(correspondence, sender=sender, raw=raw):
                return
            if copy == 0:
                correspondence.taken.append(correspondence.message_id(index))

    def _until_taken(
        self, correspondence: Correspondence, *, sender: str, raw: bytes
    ) -> bool:
        while not self.stop.is_set():
            if hand_over(port=self.port, sender=sender, to=correspondence.to, raw=raw):
                correspondence.handed += 1
                return True
            correspondence.refused += 1
            time.sleep(PAUSE_SECONDS)
        return False


def hand_over(*, port: int, sender: str, to: str, raw: bytes) -> bool:
    """Try once; return whether the desk promised to keep it."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=TIMEOUT_SECONDS) as smtp:
            refused = smtp.sendmail(sender, [to], raw)
            return not refused
    except (smtplib.SMTPException, OSError):
        return False
