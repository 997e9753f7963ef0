from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.accounts.models import Sight
from inbox.filters import ListFilter
from inbox.models import Channel, Conversation
from inbox.queries import queue_counts
from tests.factories import (
    ApiChannelFactory,
    ConversationFactory,
    TeamFactory,
    UserFactory,
    WebchatChannelFactory,
)

pytestmark = pytest.mark.django_db
ALL = ListFilter()


def count(agent, *queues):
    found = queue_counts(
        queues=[(queue, ALL) for queue in queues], agent=agent, now=timezone.now()
    )
    return [str(each) for each in found.queues]


class TestQueueCounts:
    def test_counts_all_queues_at_once(self, django_assert_num_queries):
        agent, team = UserFactory(), TeamFactory()
        ConversationFactory(assignee=agent, team=team)
        ConversationFactory()

        # The private teams, then everything.
        with django_assert_num_queries(2):
            found = count(agent, "mine", "unassigned", "all", f"team-{team.pk}")

        assert found == ["1", "1", "2", "1"]

    def test_stops_counting_at_a_hundred(self):
        agent, first = UserFactory(), ConversationFactory()
        Conversation.objects.bulk_create(
            Conversation(
                channel=first.channel,
                identity=first.identity,
                customer=first.customer,
            )
            for _ in range(120)
        )

        assert count(agent, "unassigned", "mine") == ["99+", ""]

    def test_says_that_something_is_late(self):
        agent = UserFactory()
        ConversationFactory(due_at=timezone.now() - timedelta(minutes=1))

        found = queue_counts(
            queues=[("unassigned", ALL), ("mine", ALL)],
            agent=agent,
            now=timezone.now(),
        )

        assert [each.is_late for each in found.queues] == [True, False]

    def test_counts_only_what_the_agent_sees(self):
        private = TeamFactory(is_private=True)
        member, outsider = UserFactory(), UserFactory()
        own_only = UserFactory(sight=Sight.ASSIGNED)
        private.members.add(member)
        ConversationFactory(team=private)
        ConversationFactory(assignee=own_only)

        assert count(member, "all") == ["2"]
        assert count(outsider, "all", f"team-{private.pk}") == ["1", ""]
        assert count(own_only, "all", "mine") == ["1", "1"]

    def test_knows_nothing_of_queues_that_do_not_exist(self):
        assert count(UserFactory(), "nonsense") == [""]

    def test_says_whether_a_widget_is_in_use(self):
        agent = UserFactory()

        def has_widget():
            return queue_counts(queues=[], agent=agent, now=timezone.now()).has_widget

        ApiChannelFactory()
        assert not has_widget()
        channel = WebchatChannelFactory()
        assert has_widget()
        Channel.objects.filter(pk=channel.pk).update(is_active=False)
        assert not has_widget()
