import uuid

import pytest

from tests.channels_ingest.adapters.email.mail_server import mail_server


@pytest.fixture
def own_counters(settings):
    """Limits that count for this test alone."""
    settings.SECRET_KEY = uuid.uuid4().hex


@pytest.fixture
def server():
    with mail_server() as server:
        yield server
