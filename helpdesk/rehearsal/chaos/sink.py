"""The world's mail servers: takes what the desk sends and counts every copy."""

import threading
from collections import Counter
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller

from helpdesk.rehearsal.installation import free_ports


class Sink:
    """A real SMTP server on the loopback interface."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.copies: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        message_id = message_from_bytes(envelope.content)["Message-ID"] or ""
        with self._lock:
            self.copies[message_id.strip("<> ")] += 1
        return "250 taken"

    def __enter__(self) -> "Sink":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
