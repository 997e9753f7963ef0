import asyncio
import threading
from types import SimpleNamespace

import pytest

from channels_ingest.doors.address_book import AddressBook
from channels_ingest.doors.journal_writer import JournalWriter
from channels_ingest.doors.smtp import DoorSettings, MailServer
from tests.channels_ingest.doors.dovecot import Dovecot, TokenServer


@pytest.fixture
def open_door():
    """Return a function that starts the real server on a free port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    opened = []

    def run(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    def open_one(protocol="smtp", **options):
        writer = JournalWriter()
        writer.start()
        settings = DoorSettings(
            **{"hostname": "desk.example", "max_bytes": 200_000, **options}
        )
        server = MailServer(settings=settings, book=AddressBook(), writer=writer)
        port = run(server.listen(protocol=protocol, host="127.0.0.1", port=0))
        opened.append((server, writer))
        return SimpleNamespace(host="127.0.0.1", port=port, writer=writer)

    yield open_one

    for server, writer in opened:
        run(server.close())
        writer.stop()
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    loop.close()


@pytest.fixture(scope="session")
def token_server():
    server = TokenServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def dovecot(token_server):
    server = Dovecot(token_server)
    yield server
    server.close()
