"""A real SMTP server for tests, which can be told to be difficult."""

import asyncio
import socket
from contextlib import contextmanager

from aiosmtpd.controller import Controller


class Sink:
    """Keeps what it takes; `answers` maps a recipient or "DATA" to a refusal."""

    def __init__(self, answers):
        self.answers = answers
        self.mails = []
        self.hangs_up_after_data = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server, session, envelope, address, options
    ):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.mails.append(envelope)
        if self.hangs_up_after_data:
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 taken"


@contextmanager
def mail_server(answers=None):
    sink = Sink(answers or {})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink.port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
