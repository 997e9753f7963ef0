import pytest

from helpdesk.core import events
from inbox.actions.receiving import receive_message
from inbox.events import ConversationChanged
from inbox.models import Conversation
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.inbox import ChannelFactory, InboundMessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch):
    told = []
    monkeypatch.setitem(events._watchers, ConversationChanged, [told.append])
    return told


class TestArrivalRows:
    def test_tells_the_team_and_the_agent_whose_conversation_it_is(
        self, heard, django_capture_on_commit_callbacks
    ):
        channel, agent = ChannelFactory(team=TeamFactory()), UserFactory()
        first = InboundMessageFactory()
        item = receive_message(channel=channel, inbound=first).item
        Conversation.objects.filter(pk=item.conversation_id).update(assignee=agent)
        again = InboundMessageFactory(
            sender=first.sender, thread_keys=first.own_keys, subject=first.subject
        )

        with django_capture_on_commit_callbacks(execute=True):
            receive_message(channel=channel, inbound=again)

        assert [(it.conversation_id, it.team_id, it.assignee_id) for it in heard] == [
            (item.conversation_id, channel.team_id, agent.pk)
        ]
