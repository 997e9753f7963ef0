"""Run every door of this process until somebody asks it to stop."""

import asyncio
import logging
import signal
import ssl

from django.conf import settings

from channels_ingest.doors.address_book import AddressBook
from channels_ingest.doors.journal_writer import JournalWriter
from channels_ingest.doors.mailboxes import MailboxKeeper
from channels_ingest.doors.smtp import DoorSettings, MailServer

logger = logging.getLogger(__name__)


class PortTaken(Exception):
    """Somebody else listens where our mail server should."""


def serve() -> None:
    """Take mail until SIGTERM or SIGINT.

    :raises PortTaken: if a port of ours is in use
    """
    # Its lines hold addresses, one for every command.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio.run(_serve())


async def _serve() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    writer = JournalWriter()
    server = MailServer(settings=_door_settings(), book=AddressBook(), writer=writer)
    mailboxes = MailboxKeeper()
    await _listen(server)
    writer.start()
    mailboxes.start()
    try:
        await stop.wait()
    finally:
        await server.close()
        await asyncio.to_thread(mailboxes.stop)
        await asyncio.to_thread(writer.stop)


async def _listen(server: MailServer) -> None:
    for protocol, port in (
        ("smtp", settings.SMTP_PORT),
        ("lmtp", settings.LMTP_PORT),
    ):
        if not port:
            continue
        try:
            await server.listen(protocol=protocol, host=settings.SMTP_BIND, port=port)
        except OSError as error:
            raise PortTaken(
                f"Port {port} on {settings.SMTP_BIND} cannot be opened for"
                f" {protocol.upper()}: {error.strerror}."
                f" Set TRIBUTARY_{protocol.upper()}_PORT to another one."
            ) from error
        logger.info("%s on %s port %s", protocol, settings.SMTP_BIND, port)


def _door_settings() -> DoorSettings:
    return DoorSettings(
        hostname=settings.SMTP_HOSTNAME,
        max_bytes=settings.MAIL_MAX_BYTES,
        connections_per_peer=settings.SMTP_CONNECTIONS_PER_PEER,
        tls=tls_context(
            certificate=settings.SMTP_TLS_CERTIFICATE, key=settings.SMTP_TLS_KEY
        ),
    )


def tls_context(*, certificate: str, key: str) -> ssl.SSLContext | None:
    """Return what STARTTLS needs; None, without a certificate, leaves it out."""
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key or None)
    return context
