import pytest

from tests.factories import UserFactory

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture(autouse=True)
def _own_files(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def agent(db):
    return UserFactory(name="Noor Okafor")


@pytest.fixture
def desk(client, agent):
    """A browser in which `agent` is signed in."""
    client.force_login(agent)
    return client


@pytest.fixture
def part(desk):
    """The same browser, asking for parts of the page."""

    class Part:
        def get(self, url, data=None):
            return desk.get(url, data, headers=FRAGMENT)

        def post(self, url, data=None):
            return desk.post(url, data, headers=FRAGMENT)

    return Part()
