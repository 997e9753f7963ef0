"""The desk's own people: one who answers customers all the time."""

import contextlib
import threading
import uuid
from dataclasses import dataclass, field

from django.db import Error, connection

from helpdesk.accounts.models import User
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Channel, Conversation

PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the agent wants to say, and to whom; the same at each try."""

    conversation_id: int
    handle: str
    client_id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def token(self) -> str:
        return f"answer-{self.client_id.hex}"


class BusyAgent(threading.Thread):
    """Answers somebody who waits, again and again, until told to stop.

    When the desk cannot take an answer the agent tries the same one again, as the
    composer does. What the desk took is in `promised`: item id to token.
    """

    def __init__(self, *, channel: Channel, agent: User, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.channel, self.agent, self.stop = channel, agent, stop
        self.promised: dict[int, str] = {}

    def run(self) -> None:
        answer: Answer | None = None
        while not self.stop.wait(PAUSE_SECONDS):
            try:
                answer = answer or self._somebody()
                if answer is not None:
                    self.promised[self._send(answer)] = answer.token
                    answer = None
            except Error:
                forget_connection()
        forget_connection()

    def _somebody(self) -> Answer | None:
        waiting = Conversation.objects.active().filter(
            channel=self.channel, waiting_since__isnull=False, identity__isnull=False
        )
        conversation = waiting.order_by("?").select_related("identity").first()
        if conversation is None or conversation.identity is None:
            return None
        return Answer(
            conversation_id=conversation.pk, handle=conversation.identity.value
        )

    def _send(self, answer: Answer) -> int:
        item = send_reply(
            conversation_id=answer.conversation_id,
            author=self.agent,
            writing=Writing(text=f"We are looking into it.\n\n{answer.token}"),
            recipients=Recipients(to=[{"name": "", "handle": answer.handle}]),
            client_id=answer.client_id,
        )
        return item.pk


def forget_connection() -> None:
    """Close this thread's connection, however broken: the next use makes a new one."""
    with contextlib.suppress(Error):
        connection.close()
