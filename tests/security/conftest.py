import pytest

from inbox.actions.indexing import index_pending
from inbox.models import Participant, SearchPending, ThreadReference
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)
from tests.security.arriving import MAYA, MX
from tests.site import Site


@pytest.fixture
def site(settings):
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    site = Site()
    yield site
    site.close()


@pytest.fixture
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def agent():
    return UserFactory(name="Noor Okafor")


@pytest.fixture
def desk(client, agent):
    client.force_login(agent)
    return client


@pytest.fixture
def hidden():
    """A conversation of a team that keeps to itself."""
    item = TimelineItemFactory(
        text="hidden words",
        conversation__team=TeamFactory(is_private=True),
        conversation__subject="Hidden subject",
        conversation__customer__name="Hidden Person",
    )
    SearchPending.objects.create(item=item)
    index_pending()
    return item.conversation


@pytest.fixture
def channel():
    return ChannelFactory(
        address="support@shop.example", config={"trusted_servers": [MX]}
    )


@pytest.fixture
def conversation(channel):
    """Maya's topic, with a question of hers and an answer of ours."""
    topic = ConversationFactory(
        channel=channel, identity__value=MAYA, subject="My parcel"
    )
    TimelineItemFactory(conversation=topic)
    TimelineItemFactory(conversation=topic, outbound=True, text="It is on its way.")
    ThreadReference.objects.create(conversation=topic, key="question@people.example")
    Participant.objects.create(
        conversation=topic, identity=topic.identity, role=ParticipantRole.CUSTOMER
    )
    return topic
