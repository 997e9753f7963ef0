import pytest

from helpdesk.core.models import OutboxEvent
from helpdesk.core.outbox import relay_all
from inbox.actions.labels import add_tag, change_tags, clear_tag, delete_tag
from inbox.actions.saved_views import save_view
from inbox.filters import ListFilter
from inbox.models import Conversation, Status, Tag
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def fragile():
    return Tag.objects.create(name="Fragile")


@pytest.fixture
def abroad():
    return Tag.objects.create(name="Abroad")


def view_of(tag, **narrowed):
    return save_view(
        owner=UserFactory(),
        name="Parcels",
        queue="all",
        narrowed=ListFilter(tag_id=tag.pk, **narrowed),
        is_shared=True,
    )


class TestChangeTags:
    def test_touches_only_those_that_are_named(self, fragile, abroad):
        gift = Tag.objects.create(name="Gift")
        topic = ConversationFactory(tag_ids=[fragile.pk, abroad.pk])

        change_tags(
            conversation_id=topic.pk, added=[gift], removed=[fragile], actor=None
        )

        topic.refresh_from_db()
        assert topic.tag_ids == [abroad.pk, gift.pk]

    def test_twice_is_once(self, fragile, abroad):
        topic = ConversationFactory(tag_ids=[abroad.pk])

        for _ in range(2):
            change_tags(
                conversation_id=topic.pk, added=[fragile], removed=[abroad], actor=None
            )

        topic.refresh_from_db()
        assert topic.tag_ids == [fragile.pk]
        said = topic.items.order_by("seq").values_list("payload__name", flat=True)
        assert list(said) == ["untagged", "tagged"]


class TestDeleteTag:
    @pytest.mark.parametrize("status", [Status.OPEN, Status.CLOSED, Status.SPAM])
    def test_takes_it_off_every_conversation_and_leaves_the_others(
        self, fragile, abroad, status
    ):
        both = ConversationFactory(tag_ids=[fragile.pk, abroad.pk], status=status)
        other = ConversationFactory(tag_ids=[abroad.pk], status=status)

        delete_tag(tag_id=fragile.pk)
        relay_all()

        both.refresh_from_db()
        other.refresh_from_db()
        assert both.tag_ids == other.tag_ids == [abroad.pk]
        assert not Tag.objects.filter(name="Fragile").exists()

    def test_drops_that_part_of_saved_views_at_once(self, fragile):
        view = view_of(fragile, is_unread_only=True)

        delete_tag(tag_id=fragile.pk)

        view.refresh_from_db()
        assert view.filters == {"queue": "all", "unread": "1"}

    def test_leaves_views_of_other_tags(self, fragile, abroad):
        view = view_of(abroad)

        delete_tag(tag_id=fragile.pk)

        view.refresh_from_db()
        assert view.filters == {"queue": "all", "tag": str(abroad.pk)}

    def test_twice_does_nothing_more(self, fragile):
        delete_tag(tag_id=fragile.pk)
        delete_tag(tag_id=fragile.pk)

        assert OutboxEvent.objects.count() == 1


class TestClearTag:
    def test_goes_on_window_by_window_to_the_last_conversation(self, fragile):
        topics = [ConversationFactory(tag_ids=[fragile.pk]) for _ in range(5)]
        first = topics[0].pk

        clear_tag(tag_id=fragile.pk, after=first - 1, window=2)

        left = Conversation.objects.filter(tag_ids__contains=[fragile.pk])
        assert left.count() == 3
        assert OutboxEvent.objects.get().payload["cleared_to"] == first + 1
        relay_all()
        assert not left.exists()
        assert not OutboxEvent.objects.filter(done_at=None).exists()

    def test_may_run_twice(self, fragile, abroad):
        topic = ConversationFactory(tag_ids=[fragile.pk])
        clear_tag(tag_id=fragile.pk, after=topic.pk - 1)
        add_tag(conversation_id=topic.pk, tag=abroad, actor=None)

        clear_tag(tag_id=fragile.pk, after=topic.pk - 1)

        topic.refresh_from_db()
        assert topic.tag_ids == [abroad.pk]

    def test_has_nothing_to_do_on_an_empty_desk(self, fragile):
        clear_tag(tag_id=fragile.pk)

        assert not OutboxEvent.objects.exists()
