"""The world's mail servers: takes what the desk sends and counts every copy."""

import asyncio
import re
import threading
from collections import Counter
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from helpdesk.rehearsal.installation import free_ports

_TOKEN = re.compile(r"answer-[0-9a-f]{32}")


class Sink:
    """A real SMTP server on the loopback interface.

    It knows an answer by the token in its text, whatever Message-ID a copy has.
    """

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.copies: Counter[str] = Counter()
        self.arrived: list[str] = []
        """The token of each answer when it came first, in that order."""
        self.delay_seconds = 0.0
        """How long it takes before it says that it took a mail."""
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        await asyncio.sleep(self.delay_seconds)
        token = token_of(envelope.content)
        with self._lock:
            self.copies[token] += 1
            if self.copies[token] == 1:
                self.arrived.append(token)
        return "250 taken"

    def __enter__(self) -> "Sink":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def token_of(raw: bytes) -> str:
    """Return the first token of the text: those of quoted answers come below it."""
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    found = _TOKEN.search(str(body.get_content())) if body else None
    return found[0] if found else ""
