"""Other people's mail servers: they hand mail over until they are told it was taken."""

import random
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

PAUSE_SECONDS = 0.25
TIMEOUT_SECONDS = 15
REDELIVERED = 0.10
REORDERED = 0.05
TAKEN = 250
NO_ANSWER = 0
"""Nobody listens, or the line went dead before an answer came."""


@dataclass(slots=True)
class Correspondence:
    """One customer's mails about one thing, in the order they were taken."""

    number: int
    to: str
    chance: random.Random
    padding: int = 0
    """How many letters to add to each mail."""
    taken: list[str] = field(default_factory=list)
    """Message-IDs that were answered with 250, in that order, each once."""
    answers: Counter[int] = field(default_factory=Counter)
    """How often each SMTP code was the answer; 250 counts redeliveries too."""

    @property
    def sender(self) -> str:
        return f"person{self.number}@people.example"

    def message_id(self, index: int) -> str:
        return f"chaos-{self.number}-{index}@people.example"

    def mail(self, index: int) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"Person {self.number} <{self.sender}>"
        mail["To"] = self.to
        mail["Subject"] = f"Matter {self.number}"
        mail["Message-ID"] = f"<{self.message_id(index)}>"
        mail["Date"] = "Sun, 22 Nov 2026 09:00:00 +0000"
        if index:
            mail["References"] = f"<{self.message_id(0)}>"
            mail["In-Reply-To"] = f"<{self.message_id(index - 1)}>"
        mail.set_content(
            f"Message {index} about matter {self.number}.\n{self._filling(index)}"
        )
        return mail.as_bytes()

    def _filling(self, index: int) -> str:
        """Return letters that no compression makes small."""
        letters = random.Random(index)  # noqa: S311 - the same at each hand-over
        lines = [f"{letters.getrandbits(280):070x}" for _ in range(self.padding // 71)]
        return "\n".join([*lines, ""])

    def order(self, count: int) -> list[int]:
        """Return the order in which to send: a few change places with the next."""
        order = list(range(count))
        for at in range(1, count - 1):
            if self.chance.random() < REORDERED:
                order[at], order[at + 1] = order[at + 1], order[at]
        return order

    def hand_over(self, index: int, *, port: int) -> bool:
        """Try once, remember the answer, and say whether it was taken."""
        code = hand_over(
            port=port, sender=self.sender, to=self.to, raw=self.mail(index)
        )
        self.answers[code] += 1
        if code != TAKEN:
            return False
        if self.message_id(index) not in self.taken:
            self.taken.append(self.message_id(index))
        return True


class MailServer(threading.Thread):
    """Sends its correspondences' mails one after another until told to stop.

    It goes on to the next mail only when it was told that the last one was taken.
    """

    def __init__(
        self,
        correspondences: Sequence[Correspondence],
        *,
        port: int,
        rounds: int,
        pace_seconds: float,
        stop: threading.Event | None = None,
    ) -> None:
        super().__init__(daemon=True)
        self.correspondences = correspondences
        self.port, self.rounds, self.pace = port, rounds, pace_seconds
        self.stop = stop or threading.Event()

    def run(self) -> None:
        orders = [c.order(self.rounds) for c in self.correspondences]
        for turn in range(self.rounds):
            for correspondence, order in zip(self.correspondences, orders, strict=True):
                if self.stop.is_set():
                    return
                self._send(correspondence, order[turn])
                self.stop.wait(self.pace)

    def _send(self, correspondence: Correspondence, index: int) -> None:
        copies = 1
        if correspondence.chance.random() < REDELIVERED:
            copies += correspondence.chance.randrange(1, 4)
        for _ in range(copies):
            while not correspondence.hand_over(index, port=self.port):
                if self.stop.wait(PAUSE_SECONDS):
                    return


def hand_over(*, port: int, sender: str, to: str, raw: bytes) -> int:
    """Try once; return the code of the answer, or NO_ANSWER."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=TIMEOUT_SECONDS) as smtp:
            smtp.sendmail(sender, [to], raw)
    except smtplib.SMTPResponseException as refusal:
        return refusal.smtp_code
    except smtplib.SMTPRecipientsRefused as refusal:
        return next(code for code, _ in refusal.recipients.values())
    except (smtplib.SMTPException, OSError):
        return NO_ANSWER
    return TAKEN


def hand_over_until_taken(
    correspondence: Correspondence, index: int, *, port: int, seconds: float
) -> bool:
    """Try again and again for so long; say whether it was taken."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if correspondence.hand_over(index, port=port):
            return True
        time.sleep(PAUSE_SECONDS / 2)
    return False
