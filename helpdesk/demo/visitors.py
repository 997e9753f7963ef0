"""Visitors of the sample desk: they ask now and then, and answer what they get."""

import logging
import threading
from datetime import datetime, timedelta
from email.utils import parseaddr
from random import Random
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections
from django.utils import timezone

from customers.models import Identity
from helpdesk.demo.actions import count_letter, note_answered, state_of_demo
from helpdesk.demo.models import DemoState, ReceivedMail
from helpdesk.demo.script import load_story, load_visits
from helpdesk.demo.sending import Author, NotHandedIn, answer_mail, write_to_us
from inbox.models import Channel

logger = logging.getLogger(__name__)

MOST_LETTERS = 300
"""Visitors stop after so many, so that a forgotten desk does not grow for ever."""
THINKING = timedelta(seconds=25)
"""How long a customer takes at least until they answer."""
TOO_LATE = timedelta(hours=6)


def next_pause(random: Random) -> float:
    """Return the seconds until somebody may write again."""
    shortest, longest = settings.DEMO_PAUSE_SECONDS
    return random.uniform(shortest, longest)


def keep_writing(*, stop: threading.Event, random: Random) -> None:
    """Let visitors write until `stop` is set; trouble is only a longer pause."""
    while not stop.wait(next_pause(random)):
        close_old_connections()
        try:
            visit(now=timezone.now(), random=random)
        except (NotHandedIn, Error) as error:
            logger.warning("nobody could write: %s", type(error).__name__)
        finally:
            close_old_connections()


def visit(*, now: datetime, random: Random) -> str:
    """Let one visitor write; return the Message-ID, empty if nobody wanted to.

    :raises NotHandedIn: if the mail server does not take it
    """
    state = state_of_demo()
    if state.is_paused or state.letters_written >= MOST_LETTERS:
        return ""
    return _answer_one(now=now, random=random) or _ask(state, now=now, random=random)


def _answer_one(*, now: datetime, random: Random) -> str:
    """Answer the oldest mail of ours that somebody has had time to think about."""
    waiting = ReceivedMail.objects.filter(
        answered_at=None,
        received_at__lte=now - THINKING,
        received_at__gte=now - TOO_LATE,
        is_automatic=False,
    )
    mail = waiting.order_by("received_at", "id").first()
    if mail is None:
        return ""
    if _has_said_enough(mail):
        note_answered(mail_id=mail.pk, now=now)
        return ""
    author = author_at(mail.address)
    said = _answers(author.language)
    sent = answer_mail(
        author=author, mail=mail, text=_signed(random.choice(said), author), now=now
    )
    note_answered(mail_id=mail.pk, now=now)
    count_letter()
    return sent


def _has_said_enough(mail: ReceivedMail) -> bool:
    """Nobody thanks for every thank you."""
    return mail.references.count("<") >= 6 or mail.address.startswith("nobody")


def _ask(state: DemoState, *, now: datetime, random: Random) -> str:
    questions = load_visits()["question"]
    # Everybody has their turn before somebody asks the same thing again.
    question = questions[state.letters_written % len(questions)]
    author = author_at(load_story().people[question["who"]].email)
    channel = _channel(question)
    sent = write_to_us(
        author=author,
        to=f"{channel.from_name} <{channel.address}>",
        subject=_subject(question, state),
        text=question["text"],
        now=now,
    )
    count_letter()
    return sent


def _subject(question: Any, state: DemoState) -> str:
    """The second time it is another matter, so it says which."""
    rounds = state.letters_written // len(load_visits()["question"])
    return f"{question['subject']} ({rounds + 1})" if rounds else question["subject"]


def _channel(question: Any) -> Channel:
    wanted = question.get("to", "support")
    facts = next(each for each in load_story().channels if each["key"] == wanted)
    return Channel.objects.select_related("brand").get(address=facts["address"])


def author_at(address: str) -> Author:
    """Return who writes from an address, with the name the desk knows."""
    identity = Identity.objects.select_related("customer").filter(value=address).first()
    if identity is None:
        name = parseaddr(address)[1].partition("@")[0].replace(".", " ").title()
        return Author(name=name, address=address)
    customer = identity.customer
    return Author(
        name=identity.display_name or customer.name,
        address=address,
        language=(customer.locale or "en")[:2],
    )


def _answers(language: str) -> list[str]:
    answers = load_visits()["answer"]
    return list(answers.get(language, answers["en"]))


def _signed(text: str, author: Author) -> str:
    return f"{text}\n\n{author.name.split(' ')[0]}"
