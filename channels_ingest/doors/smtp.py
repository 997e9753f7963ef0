"""Our own mail server: SMTP from anywhere, LMTP from a server in front of it.

Its 250 is a promise: the bytes are committed. What cannot be kept gets a 451, so that
the sender tries again.
"""

import asyncio
import contextlib
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels_ingest.actions.journal import Handed
from channels_ingest.doors.address_book import AddressBook
from channels_ingest.doors.journal_writer import JournalWriter
from channels_ingest.fingerprint import mail_key

logger = logging.getLogger(__name__)

MAX_RECIPIENTS = 100
IDLE_SECONDS = 300
UNKNOWN = "550 5.1.1 <{}>: nobody here takes mail for this address"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
NOT_NOW = "451 4.3.0 This cannot be stored at the moment, please try again later"
KEPT = "250 2.0.0 Kept as {}"
TOO_MANY_CONNECTIONS = b"421 4.7.0 Too many connections from your address\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """How the server presents itself and what it puts up with."""

    hostname: str
    max_bytes: int
    connections_per_peer: int = 50
    tls: ssl.SSLContext | None = None


@dataclass(slots=True)
class _Peers:
    """How many connections each address has open, over all our ports."""

    limit: int
    open: Counter[str] = field(default_factory=Counter)

    def enter(self, peer: str) -> bool:
        if self.open[peer] >= self.limit:
            return False
        self.open[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        self.open[peer] -= 1
        if self.open[peer] <= 0:
            del self.open[peer]


class _Session(SMTP):
    """One connection; turns away a peer that has too many already."""

    # Real mail has lines far longer than the 998 letters that the standard allows.
    line_length_limit = 1024 * 1024

    peers: _Peers
    entered_as: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The second call, after STARTTLS, belongs to the same connection.
        if self.entered_as is None and not self._enter(transport):
            assert isinstance(transport, asyncio.WriteTransport)
            transport.write(TOO_MANY_CONNECTIONS)
            transport.close()
            return
        super().connection_made(transport)

    def _enter(self, transport: asyncio.BaseTransport) -> bool:
        peer = _address_of(transport.get_extra_info("peername"))
        if not self.peers.enter(peer):
            return False
        self.entered_as = peer
        return True

    def connection_lost(self, error: Exception | None) -> None:
        if self.entered_as is None:
            return
        self.peers.leave(self.entered_as)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self.entered_as is not None:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self.entered_as is not None else None


class _LmtpSession(_Session, LMTP):
    """The same with LMTP's greeting, and one answer for each recipient after DATA."""

    _recipients = 0

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library's name
        self._recipients = len(self.envelope.rcpt_tos) if self.envelope else 0
        try:
            await super().smtp_DATA(arg)
        finally:
            self._recipients = 0

    async def push(self, status: Any) -> None:
        # The library itself knows one answer only when it refuses the content.
        if self._recipients and str(status).startswith(("500 ", "552 ")):
            status = "\r\n".join([status] * self._recipients)
        await super().push(status)


class _Handler:
    """Answers RCPT and DATA; all that needs the database happens in threads."""

    def __init__(
        self,
        *,
        source: str,
        book: AddressBook,
        writer: JournalWriter,
        threads: ThreadPoolExecutor,
    ) -> None:
        self._source = source
        self._book = book
        self._writer = writer
        self._threads = threads

    async def handle_RCPT(  # noqa: N802 - the library's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY_RECIPIENTS
        try:
            channel_id = await self._channel_of(address)
        except Exception:
            # Whatever keeps us from knowing, the sender may come back with it.
            logger.exception("recipient not looked up")
            return NOT_NOW
        if channel_id is None:
            return UNKNOWN.format(_printable(address))
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.append(str(channel_id))
        return "250 2.1.5 OK"

    async def _channel_of(self, address: str) -> int | None:
        known = self._book.remembered(address)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._book.channel_of, address)

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        recipients = self._by_channel(envelope)
        key = mail_key(_content(envelope))
        said = await asyncio.gather(
            *(
                self._keep(channel_id, names, key, session=session, envelope=envelope)
                for channel_id, names in recipients.items()
            )
        )
        if self._source == "lmtp":
            answers = dict(zip(recipients, said, strict=True))
            return "\r\n".join(answers[int(each)] for each in envelope.rcpt_options)
        # SMTP has one answer for all: who kept it already recognises it next time.
        return NOT_NOW if NOT_NOW in said else said[0]

    @staticmethod
    def _by_channel(envelope: Envelope) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for address, channel_id in zip(
            envelope.rcpt_tos, envelope.rcpt_options, strict=True
        ):
            found.setdefault(int(channel_id), []).append(address)
        return found

    async def _keep(
        self,
        channel_id: int,
        recipients: list[str],
        key: str,
        *,
        session: Session,
        envelope: Envelope,
    ) -> str:
        handed = Handed(
            channel_id=channel_id,
            source=self._source,
            raw=_content(envelope),
            dedupe_key=key,
            headers={
                "mail_from": envelope.mail_from,
                "rcpt_to": recipients,
                "peer": _address_of(session.peer),
                "helo": session.host_name,
                "is_encrypted": session.ssl is not None,
            },
        )
        try:
            recorded = await asyncio.wrap_future(self._writer.submit(handed))
        except Exception:
            # It is not on disk: whatever the reason, the sender has to keep it.
            logger.exception("mail refused for now")
            return NOT_NOW
        return KEPT.format(recorded.event_id)

    async def handle_exception(self, error: Exception) -> str:
        logger.error("mail session failed: %s", type(error).__name__, exc_info=error)
        return NOT_NOW


def _content(envelope: Envelope) -> bytes:
    content = envelope.original_content
    assert isinstance(content, bytes)
    return content


def _address_of(peer: Any) -> str:
    return str(peer[0]) if isinstance(peer, tuple) and peer else "local"


def _printable(address: str) -> str:
    return "".join(c for c in address if c.isprintable() and c.isascii())[:200]


class MailServer:
    """Listens on any number of ports with one address book and one journal."""

    def __init__(
        self, *, settings: DoorSettings, book: AddressBook, writer: JournalWriter
    ) -> None:
        self._settings = settings
        self._book = book
        self._writer = writer
        self._peers = _Peers(limit=settings.connections_per_peer)
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="recipients")
        self._servers: list[asyncio.Server] = []

    async def listen(self, *, protocol: str, host: str, port: int) -> int:
        """Open a port for `smtp` or `lmtp`; return it, for 0 means any free one.

        :raises OSError: if the port is taken
        """
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._factory(protocol), host, port)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _factory(self, protocol: str) -> Callable[[], SMTP]:
        kind = _LmtpSession if protocol == "lmtp" else _Session
        handler = _Handler(
            source=protocol,
            book=self._book,
            writer=self._writer,
            threads=self._threads,
        )
        options: Mapping[str, Any] = {
            "data_size_limit": self._settings.max_bytes,
            "enable_SMTPUTF8": True,
            "hostname": self._settings.hostname,
            "ident": "Tributary",
            "tls_context": self._settings.tls,
            "timeout": IDLE_SECONDS,
        }

        def make() -> SMTP:
            session = kind(handler, loop=asyncio.get_running_loop(), **options)
            session.peers = self._peers
            return session

        return make

    async def close(self) -> None:
        """Take no further connections; those that are open end by themselves."""
        for server in self._servers:
            server.close()
        for server in self._servers:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(server.wait_closed(), 5)
        self._threads.shutdown(wait=False)
