from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.accounts.models import Sight
from inbox.models import Attachment, Conversation
from inbox.queries import Cursor
from inbox.queries.timeline import (
    customer_topics,
    earlier_topics,
    timeline_page,
    timeline_since,
)
from tests.factories import ConversationFactory, TimelineItemFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)


def numbers(page):
    return [item.seq for item in page.items]


class TestTimelinePage:
    def test_shows_the_newest_and_leads_to_the_rest(self):
        conversation = ConversationFactory()
        for _ in range(120):
            TimelineItemFactory(conversation=conversation)

        newest = timeline_page(conversation=conversation)
        middle = timeline_page(conversation=conversation, before=numbers(newest)[0])
        oldest = timeline_page(conversation=conversation, before=numbers(middle)[0])

        assert numbers(newest) == list(range(71, 121))
        assert numbers(middle) == list(range(21, 71))
        assert numbers(oldest) == list(range(1, 21))
        assert [page.has_earlier for page in (newest, middle, oldest)] == [
            True,
            True,
            False,
        ]

    def test_takes_the_same_statements_however_much_there_is(
        self, django_assert_num_queries
    ):
        few, many = ConversationFactory(), ConversationFactory()
        TimelineItemFactory(conversation=few)
        for _ in range(60):
            item = TimelineItemFactory(conversation=many)
            Attachment.objects.create(item=item, name="a.pdf", stored_name="x")

        for conversation in (few, many):
            with django_assert_num_queries(2):
                page = timeline_page(conversation=conversation)
                for item in page.items:
                    assert item.identity.customer.name
                    assert item.channel.name
                    assert item.detail.to == []
                    assert getattr(item, "delivery", None) is None

    def test_keeps_what_is_shown_when_more_arrives(self):
        conversation = ConversationFactory()
        for _ in range(70):
            TimelineItemFactory(conversation=conversation)

        page = timeline_since(conversation=conversation, first=15)

        assert numbers(page) == list(range(15, 71))


class TestEarlierTopics:
    def test_lists_visible_ones_in_order_and_goes_further_back(self):
        newest = ConversationFactory(created_at=NOON)
        for n in range(12):
            ConversationFactory(
                customer=newest.customer,
                identity=newest.identity,
                created_at=NOON - timedelta(days=n + 1),
                subject=f"{n}",
            )
        agent = UserFactory()

        first = earlier_topics(conversation=newest, agent=agent)
        second = earlier_topics(conversation=newest, agent=agent, before=first.next)

        assert [it.subject for it in first.topics] == list("76543210")
        assert [it.subject for it in second.topics] == ["11", "10", "9", "8"]
        assert second.next is None

    def test_loses_none_that_began_at_the_same_moment(self):
        newest = ConversationFactory(created_at=NOON)
        same = [
            ConversationFactory(
                customer=newest.customer, identity=newest.identity, created_at=NOON
            )
            for _ in range(3)
        ]
        agent, place = UserFactory(), Cursor(NOON, same[-1].pk)

        page = customer_topics(
            customer_id=newest.customer_id, agent=agent, before=place
        )

        assert [it.pk for it in page.topics] == [same[1].pk, same[0].pk, newest.pk]

    def test_shows_nothing_an_agent_may_not_see(self):
        newest = ConversationFactory(created_at=NOON)
        ConversationFactory(
            customer=newest.customer,
            identity=newest.identity,
            created_at=NOON - timedelta(days=1),
        )
        agent = UserFactory(sight=Sight.ASSIGNED)
        Conversation.objects.filter(pk=newest.pk).update(assignee=agent)

        assert not earlier_topics(conversation=newest, agent=agent).topics
