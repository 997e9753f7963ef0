import pytest

from helpdesk.accounts.actions import deactivate_agent
from helpdesk.core.bells import RELEASE
from helpdesk.core.doorbell import valkey
from helpdesk.core.models import OutboxEvent
from helpdesk.core.outbox import relay_all
from inbox.models import Conversation
from inbox.tasks import release_orphaned
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestReleaseWhatTheyHad:
    def test_rings_for_the_work_when_an_agent_is_deactivated(
        self, django_capture_on_commit_callbacks
    ):
        agent = UserFactory()
        ConversationFactory.create_batch(3, assignee=agent)
        valkey().delete(RELEASE.key)

        deactivate_agent(agent_id=agent.pk)
        with django_capture_on_commit_callbacks(execute=True):
            relay_all()

        assert not OutboxEvent.objects.filter(done_at=None).exists()
        assert valkey().exists(RELEASE.key)
        assert release_orphaned() == 3
        assert not valkey().exists(RELEASE.key)
        assert not Conversation.objects.exclude(assignee=None).exists()

    def test_is_asked_once_for_an_agent_deactivated_twice(self):
        agent = UserFactory()

        deactivate_agent(agent_id=agent.pk)
        deactivate_agent(agent_id=agent.pk)

        assert OutboxEvent.objects.count() == 1
