import pytest

from inbox.actions.receiving import receive_message
from inbox.models import Conversation
from tests.factories import ChannelFactory, InboundMessageFactory

pytestmark = pytest.mark.django_db


class TestPreview:
    def test_never_shows_what_a_stranger_wrote(self):
        channel = ChannelFactory()
        first = receive_message(
            channel=channel, inbound=InboundMessageFactory(text="Where is it?")
        )

        receive_message(
            channel=channel,
            inbound=InboundMessageFactory(
                text="Send it to me",
                proven_conversation_id=first.item.conversation_id,
            ),
        )

        conversation = Conversation.objects.get()
        assert conversation.preview == "Where is it?"
        assert conversation.is_unread
