"""The usual wait, from conversations that happened."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from helpdesk.chat.reply_time import median_wait, reply_minutes
from inbox.models import Conversation
from tests.factories import (
    ConversationFactory,
    TimelineItemFactory,
    UserFactory,
    WebchatChannelFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def answered(channel, *, minutes, days_ago=1, agent=None, clock_behind=0):
    asked_at = NOW - timedelta(days=days_ago)
    conversation = ConversationFactory(channel=channel)
    Conversation.objects.filter(pk=conversation.pk).update(created_at=asked_at)
    TimelineItemFactory(
        conversation=conversation,
        occurred_at=asked_at - timedelta(minutes=clock_behind),
        received_at=asked_at,
    )
    TimelineItemFactory(
        conversation=conversation,
        outbound=True,
        agent=agent or UserFactory(),
        received_at=asked_at + timedelta(minutes=minutes),
    )
    return conversation


class TestMedianWait:
    def test_is_the_middle_of_first_answers(self):
        channel, agent = WebchatChannelFactory(), UserFactory()
        for minutes in (1, 2, 3, 4, 600):
            conversation = answered(channel, minutes=minutes, agent=agent)
        TimelineItemFactory(
            conversation=conversation,
            outbound=True,
            agent=agent,
            received_at=NOW,
        )

        assert median_wait(channel_id=channel.pk, now=NOW) == 3

    def test_believes_no_clock_of_a_visitor(self):
        channel, agent = WebchatChannelFactory(), UserFactory()
        for _ in range(5):
            answered(channel, minutes=2, agent=agent, clock_behind=7 * 24 * 60)

        assert median_wait(channel_id=channel.pk, now=NOW) == 2

    def test_is_not_known_from_a_few(self):
        channel = WebchatChannelFactory()
        for _ in range(4):
            answered(channel, minutes=2)

        assert median_wait(channel_id=channel.pk, now=NOW) is None

    def test_passes_over_other_channels_old_ones_and_automatic_answers(self):
        channel, agent = WebchatChannelFactory(), UserFactory()
        for _ in range(5):
            answered(channel, minutes=5, agent=agent)
        for _ in range(6):
            answered(channel, minutes=90, days_ago=40, agent=agent)
        answered(WebchatChannelFactory(), minutes=90, agent=agent)
        waiting = ConversationFactory(channel=channel)
        TimelineItemFactory(conversation=waiting, received_at=NOW)
        TimelineItemFactory(conversation=waiting, outbound=True, received_at=NOW)

        assert median_wait(channel_id=channel.pk, now=NOW) == 5


class TestReplyMinutes:
    def test_are_kept_for_a_while(self, django_assert_num_queries):
        channel = WebchatChannelFactory()
        cache.delete(f"chat-reply:{channel.pk}")
        reply_minutes(channel_id=channel.pk, now=NOW)

        with django_assert_num_queries(0):
            assert reply_minutes(channel_id=channel.pk, now=NOW) is None
