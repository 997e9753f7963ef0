import pytest

from tests.factories import UserFactory
from tests.helpdesk.chat.visiting import Browser


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def agent():
    return UserFactory(name="Noor Okafor")


@pytest.fixture
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
