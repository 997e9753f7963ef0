from datetime import UTC, datetime, timedelta

import pytest

from inbox.filters import ListFilter, Sort
from inbox.models import Conversation, DeliveryState, Status, Tag
from inbox.queries import list_page
from inbox.queues import UnknownQueue
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    TeamFactory,
    UserFactory,
)
from tests.factories.inbox import TimelineItemFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)


def everything(*, agent, narrowed=None, queue="all"):
    """Walk through all pages and return the ids in order."""
    narrowed, found, after = narrowed or ListFilter(), [], None
    while True:
        page = list_page(queue=queue, narrowed=narrowed, agent=agent, after=after)
        found.append([row.pk for row in page.conversations])
        after = page.next
        if after is None:
            return found


def flat(pages):
    return [pk for page in pages for pk in page]


class TestListPage:
    def test_ends_and_begins_pages_without_gap_or_double_at_equal_times(self):
        agent, channel = UserFactory(), ChannelFactory()
        made = [
            ConversationFactory(
                channel=channel, last_activity_at=NOON + timedelta(seconds=n // 40)
            )
            for n in range(120)
        ]

        pages = everything(agent=agent)

        assert [len(page) for page in pages] == [50, 50, 20]
        assert flat(pages) == [
            row.pk
            for row in sorted(
                made, key=lambda row: (row.last_activity_at, row.pk), reverse=True
            )
        ]

    @pytest.mark.parametrize(
        ("sort", "column"), [(Sort.WAITING, "waiting_since"), (Sort.DUE, "due_at")]
    )
    def test_puts_those_without_a_time_last_across_pages(self, sort, column):
        agent, channel = UserFactory(), ChannelFactory()
        made = [
            ConversationFactory(
                channel=channel,
                **{column: None if n % 2 else NOON + timedelta(minutes=n // 20)},
            )
            for n in range(110)
        ]

        pages = everything(agent=agent, narrowed=ListFilter(sort=sort))

        dated = [row for row in made if getattr(row, column)]
        undated = [row for row in made if not getattr(row, column)]
        dated.sort(key=lambda row: (getattr(row, column), row.pk))
        assert flat(pages) == [row.pk for row in [*dated, *undated]]

    def test_takes_the_same_statements_for_few_and_for_many(
        self, django_assert_num_queries
    ):
        agent, channel = UserFactory(), ChannelFactory()
        tag = Tag.objects.create(name="Delivery")
        for _ in range(3):
            ConversationFactory(channel=channel, tag_ids=[tag.pk])
        with django_assert_num_queries(3):
            list_page(queue="all", narrowed=ListFilter(), agent=agent)
        identity = ConversationFactory(channel=channel).identity
        Conversation.objects.bulk_create(
            Conversation(
                channel=channel,
                identity=identity,
                customer_id=identity.customer_id,
                tag_ids=[tag.pk],
            )
            for _ in range(500)
        )
        colleague = UserFactory()

        with django_assert_num_queries(3):
            page = list_page(queue="all", narrowed=ListFilter(), agent=colleague)

        assert len(page.conversations) == 50
        assert page.company.tags == {tag.pk: "Delivery"}

    def test_narrows_by_everything_it_offers(self):
        agent, team = UserFactory(), TeamFactory()
        tag = Tag.objects.create(name="VIP")
        wanted = ConversationFactory(
            team=team, assignee=agent, tag_ids=[tag.pk], is_unread=True
        )
        ConversationFactory(channel=wanted.channel)
        narrowed = ListFilter(
            is_unread_only=True,
            tag_id=tag.pk,
            team_id=team.pk,
            channel_id=wanted.channel_id,
            assignee="me",
        )

        assert everything(agent=agent, narrowed=narrowed) == [[wanted.pk]]

    def test_says_what_did_not_arrive(self):
        agent = UserFactory()
        item = TimelineItemFactory(outbound=True)
        item.conversation.deliveries.create(
            item=item, channel=item.channel, state=DeliveryState.BOUNCED
        )

        page = list_page(queue="all", narrowed=ListFilter(), agent=agent)

        assert page.company.troubled == {item.conversation_id: "bounced"}

    def test_shows_a_queue_what_belongs_into_it(self):
        agent = UserFactory()
        mine = ConversationFactory(assignee=agent)
        free = ConversationFactory()
        waiting = ConversationFactory(status=Status.WAITING)
        closed = ConversationFactory(status=Status.CLOSED)
        spam = ConversationFactory(status=Status.SPAM)

        found = {
            queue: flat(everything(agent=agent, queue=queue))
            for queue in ("mine", "unassigned", "waiting", "closed", "spam")
        }

        assert found == {
            "mine": [mine.pk],
            "unassigned": [free.pk],
            "waiting": [waiting.pk],
            "closed": [closed.pk],
            "spam": [spam.pk],
        }

    def test_knows_no_other_queue(self):
        with pytest.raises(UnknownQueue):
            list_page(queue="secret", narrowed=ListFilter(), agent=UserFactory())
