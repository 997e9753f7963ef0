"""The story is told once for all tests of a module, in a database of real commits."""

import pytest
from django.core.management import call_command

from channels_ingest.doors.address_book import AddressBook
from channels_ingest.doors.journal_writer import JournalWriter
from channels_ingest.doors.smtp import DoorSettings, MailServer
from helpdesk.demo.telling import tell_story
from tests.helpdesk.demo.listening import Listening


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        assert tell_story()
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.helpdesk.demo.urls"


@pytest.fixture
def mail_server(told, settings):
    writer = JournalWriter()
    server = MailServer(
        settings=DoorSettings(hostname="localhost", max_bytes=1_000_000),
        book=AddressBook(),
        writer=writer,
    )
    with Listening(server, writer) as port:
        settings.SMTP_PORT = port
        yield port
