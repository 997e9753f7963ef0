import pytest

from tests.site import Site


@pytest.fixture
def site(settings):
    """A server on this machine that the desk may reach."""
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    site = Site()
    yield site
    site.close()
