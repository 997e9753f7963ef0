from datetime import timedelta

import pytest
from django.utils import timezone

from inbox.actions.conversations import (
    close_conversation,
    mark_as_spam,
    reopen_conversation,
    snooze_conversation,
    wait_for_customer,
)
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


def snooze(*, conversation_id, actor):
    until = timezone.now() + timedelta(hours=1)
    snooze_conversation(conversation_id=conversation_id, until=until, actor=actor)


class TestWhatIsNotClosedAnyMore:
    @pytest.mark.parametrize("end", [close_conversation, mark_as_spam])
    @pytest.mark.parametrize("go_on", [reopen_conversation, wait_for_customer, snooze])
    def test_says_neither_when_nor_by_whom_it_was(self, end, go_on):
        conversation, agent = ConversationFactory(), UserFactory()
        end(conversation_id=conversation.pk, actor=agent)

        go_on(conversation_id=conversation.pk, actor=agent)

        conversation.refresh_from_db()
        assert conversation.closed_at is None
        assert conversation.closed_by is None
