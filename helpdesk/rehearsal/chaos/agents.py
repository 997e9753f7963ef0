"""The desk's own people: one who answers customers all the time."""

import contextlib
import threading
import uuid
from dataclasses import dataclass, field

import httpx
from django.conf import settings
from django.db import Error, connection

from helpdesk.accounts.models import User
from helpdesk.rehearsal.bench.visitor import session_cookie
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Channel, Conversation, TimelineItem

PAUSE_SECONDS = 0.2
TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the agent wants to say, and to whom; the same at each try."""

    conversation_id: int
    handle: str
    client_id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def token(self) -> str:
        return f"answer-{self.client_id.hex}"

    @property
    def text(self) -> str:
        return f"We are looking into it.\n\n{self.token}"


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
            except httpx.HTTPError:
                continue
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
            writing=Writing(text=answer.text),
            recipients=Recipients(to=[{"name": "", "handle": answer.handle}]),
            client_id=answer.client_id,
        )
        return item.pk


class BrowsingAgent(BusyAgent):
    """Answers through the desk's pages, so that every clock is the desk's own."""

    def __init__(
        self, *, channel: Channel, agent: User, stop: threading.Event, url: str
    ) -> None:
        super().__init__(channel=channel, agent=agent, stop=stop)
        token = uuid.uuid4().hex
        self.browser = httpx.Client(
            base_url=url,
            cookies={**session_cookie(agent), settings.CSRF_COOKIE_NAME: token},
            headers={"X-CSRFToken": token, "HX-Request": "true"},
            timeout=TIMEOUT_SECONDS,
        )

    def run(self) -> None:
        with self.browser:
            super().run()

    def _send(self, answer: Answer) -> int:
        page = self.browser.post(
            f"/conversations/{answer.conversation_id}/reply/",
            data={
                "mode": "reply",
                "text": answer.text,
                "to": answer.handle,
                "client_id": str(answer.client_id),
            },
        )
        page.raise_for_status()
        return TimelineItem.objects.get(client_id=answer.client_id).pk


def forget_connection() -> None:
    """Close this thread's connection, however broken: the next use makes a new one."""
    with contextlib.suppress(Error):
        connection.close()
