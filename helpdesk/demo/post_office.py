"""The server that all mail of the sample desk goes to. It hands nothing on."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections, connections

from helpdesk.demo.actions import connect_channels, keep_mail

logger = logging.getLogger(__name__)

NO_SUCH_MAILBOX = "550 5.1.1 <{}>: there is no such mailbox"
NOBODY = "nobody"
"""Mailboxes whose name begins so do not exist: what is sent there comes back."""


class _Counter:
    """Takes mail for anybody and puts it into their mailbox here."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    async def handle_RCPT(  # noqa: N802 - the library's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if address.lower().startswith(NOBODY):
            return NO_SUCH_MAILBOX.format(address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                self._threads, _keep, bytes(raw), list(envelope.rcpt_tos)
            )
        except Exception:
            # Whatever it was, the desk has to keep the mail and try again.
            logger.exception("mail not kept")
            return "451 4.3.0 Please try again later"
        return "250 2.0.0 Delivered"


def _keep(raw: bytes, addresses: list[str]) -> None:
    close_old_connections()
    try:
        keep_mail(raw=raw, addresses=addresses)
    finally:
        close_old_connections()


@contextmanager
def open_post_office() -> Iterator[int]:
    """Take outgoing mail on a free port of this machine; yield the port.

    The channels are told the port, so what they send ends here.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop = asyncio.new_event_loop()
    runner = threading.Thread(target=loop.run_forever, name="post-office", daemon=True)
    runner.start()
    with ThreadPoolExecutor(1, thread_name_prefix="post") as threads:
        server = asyncio.run_coroutine_threadsafe(_listen(threads), loop).result()
        try:
            port = int(server.sockets[0].getsockname()[1])
            connect_channels(port=port)
            yield port
        finally:
            asyncio.run_coroutine_threadsafe(_close(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            runner.join()
            loop.close()
            threads.submit(connections.close_all).result()


async def _listen(threads: ThreadPoolExecutor) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    counter = _Counter(threads)

    def session() -> SMTP:
        return SMTP(
            counter,
            hostname="post.larchwood.example",
            ident="Sample desk",
            enable_SMTPUTF8=True,
            data_size_limit=40 * 1024 * 1024,
            loop=loop,
        )

    return await loop.create_server(session, "127.0.0.1", 0)


async def _close(server: asyncio.Server) -> None:
    server.close()
    own = asyncio.current_task()
    sessions = [task for task in asyncio.all_tasks() if task is not own]
    for task in sessions:
        task.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)
