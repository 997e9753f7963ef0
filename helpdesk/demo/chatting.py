"""Visitors of the sample shop who write by chat, through the API that all apps use."""

import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
from django.conf import settings
from django.db import Error, close_old_connections
from django.utils import timezone

from helpdesk.demo.actions import count_letter, state_of_demo
from helpdesk.demo.script import load_story, load_visits
from helpdesk.demo.shop_identity import signed_identity
from helpdesk.demo.visitors import MOST_LETTERS
from inbox.models import Channel

logger = logging.getLogger(__name__)

LOOKING = 3.0
"""Seconds between two looks at what has come."""
TYPING = 4.0
MOST_CHATS = 3
MOST_ANSWERS = 2
PATIENCE = 30 * 60.0
"""Whoever gets no answer for so long has gone away."""


@dataclass(slots=True, kw_only=True)
class Chat:
    """One visitor with a window open: what they wrote, and how far they have read."""

    token: str
    topic: str
    language: str
    conversation: str = ""
    seen_seq: int = 0
    answers: int = 0
    said_at: float = 0.0
    begins_typing_at: float = 0.0
    """When they have thought enough; 0 while there is nothing to answer."""
    is_typing: bool = False


@dataclass(slots=True, kw_only=True)
class Shoppers:
    """Everybody who has a chat open, and the line to the desk."""

    line: httpx.Client
    random: Random
    chats: list[Chat] = field(default_factory=list)
    next_at: float = 0.0
    begun: int = 0

    def turn(self, *, now: float) -> None:
        """Let each look once, and somebody new begin if it is time.

        :raises httpx.HTTPError: if the desk cannot be reached
        """
        for chat in list(self.chats):
            if not self._stays(chat, now=now):
                self.chats.remove(chat)
        if now >= self.next_at and len(self.chats) < MOST_CHATS:
            shortest, longest = settings.DEMO_PAUSE_SECONDS
            self.next_at = now + 4 * self.random.uniform(shortest, longest)
            self._begin(now=now)

    def _begin(self, *, now: float) -> None:
        state = state_of_demo()
        if state.is_paused or state.letters_written >= MOST_LETTERS:
            return
        questions = load_visits()["chat"]
        # Everybody has their turn before somebody asks the same thing again.
        question = questions[self.begun % len(questions)]
        self.begun += 1
        person = load_story().people[question["who"]]
        address = load_story().chat["key"]
        channel = Channel.objects.active().filter(address=address).first()
        if channel is None:
            return
        session = self._post(
            f"channels/{address}/sessions/",
            {
                "identity": signed_identity(
                    person, channel=channel, now=timezone.now()
                ),
                "language": person.locale,
            },
        )
        chat = Chat(
            token=session["token"], topic=str(uuid.uuid4()), language=person.locale[:2]
        )
        self._say(chat, question["text"], now=now)
        self.chats.append(chat)
        count_letter()

    def _stays(self, chat: Chat, *, now: float) -> bool:
        try:
            return self._goes_on(chat, now=now)
        except httpx.HTTPStatusError as error:
            # Somebody deleted or closed what they were writing in.
            logger.info("a visitor leaves: %s", error.response.status_code)
            return False

    def _goes_on(self, chat: Chat, *, now: float) -> bool:
        if now - chat.said_at > PATIENCE:
            return False
        if self._reads_something(chat) and not chat.begins_typing_at:
            chat.begins_typing_at = now + self.random.uniform(3, 9)
        if not chat.begins_typing_at or now < chat.begins_typing_at:
            return True
        if not chat.is_typing:
            self._type(chat, is_on=True)
            return True
        if now < chat.begins_typing_at + TYPING:
            return True
        return self._answer(chat, now=now)

    def _answer(self, chat: Chat, *, now: float) -> bool:
        """Say something to what was read; the last time they rate it and leave."""
        chat.begins_typing_at, chat.is_typing = 0.0, False
        if chat.answers == MOST_ANSWERS:
            here = f"conversations/{chat.conversation}"
            self._post(f"{here}/end/", {}, token=chat.token)
            score = self.random.choice([4, 5, 5])
            self._post(f"{here}/rating/", {"score": score}, token=chat.token)
            return False
        said = load_visits()["answer"]
        words = self.random.choice(said.get(chat.language, said["en"]))
        self._say(chat, words, now=now)
        chat.answers += 1
        return True

    def _say(self, chat: Chat, text: str, *, now: float) -> None:
        place = (
            {"conversation": chat.conversation}
            if chat.conversation
            else {"topic": chat.topic}
        )
        message = {"client_id": str(uuid.uuid4()), "text": text, **place}
        self._post("messages/", message, token=chat.token)
        chat.said_at = now

    def _type(self, chat: Chat, *, is_on: bool) -> None:
        path = f"conversations/{chat.conversation}/typing/"
        self._post(path, {"on": is_on}, token=chat.token)
        chat.is_typing = is_on

    def _reads_something(self, chat: Chat) -> bool:
        """Read what has come, as a window that is open does; whether an agent wrote."""
        if not chat.conversation:
            for known in self._get("conversations/", chat)["results"]:
                if chat.topic in known["keys"]:
                    chat.conversation = known["id"]
        if not chat.conversation:
            return False
        here = f"conversations/{chat.conversation}"
        found = self._get(f"{here}/messages/?after={chat.seen_seq}", chat)["results"]
        if not found:
            return False
        chat.seen_seq = found[-1]["seq"]
        self._post(f"{here}/seen/", {"seq": chat.seen_seq}, token=chat.token)
        return any(message["by"] == "agent" for message in found)

    def _get(self, path: str, chat: Chat) -> Any:
        headers = {"Authorization": f"Bearer {chat.token}"}
        return self.line.get(path, headers=headers).raise_for_status().json()

    def _post(self, path: str, sent: dict[str, Any], *, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.line.post(path, json=sent, headers=headers).raise_for_status()
        return answer.json() if answer.content else None


def keep_chatting(*, stop: threading.Event, random: Random) -> None:
    """Let visitors chat until `stop` is set; trouble is only a longer pause."""
    base = f"http://127.0.0.1:{settings.WEB_PORT}/api/v1/chat/"
    with httpx.Client(base_url=base, timeout=10) as line:
        shoppers = Shoppers(line=line, random=random)
        while not stop.wait(LOOKING):
            close_old_connections()
            try:
                shoppers.turn(now=time.monotonic())
            except (httpx.HTTPError, Error) as error:
                logger.warning("nobody could chat: %s", error)
                stop.wait(10 * LOOKING)
            finally:
                close_old_connections()
