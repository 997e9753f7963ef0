import pytest

from channels_ingest.reading_pool import ReadingPool
from tests.factories import UserFactory


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(size=2) as pool:
        yield pool


@pytest.fixture
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def settings_client(client):
    client.force_login(UserFactory(admin=True))
    return client
