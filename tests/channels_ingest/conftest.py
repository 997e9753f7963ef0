import pytest

from channels_ingest.reading_pool import ReadingPool


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(size=2) as pool:
        yield pool


@pytest.fixture
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
