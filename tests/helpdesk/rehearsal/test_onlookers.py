import pytest
from django.urls import reverse

from helpdesk.rehearsal.chaos.onlookers import LIST, count_missing, shown_on
from tests.factories.accounts import UserFactory
from tests.factories.inbox import ConversationFactory, TimelineItemFactory

HTMX = {"HX-Request": "true"}


@pytest.mark.django_db
class TestShownOn:
    def test_reads_the_rows_of_the_desks_own_list(self, client):
        conversation = ConversationFactory(subject="A broken lamp")
        client.force_login(UserFactory(role="admin"))

        page = client.get(LIST, headers=HTMX)

        shown = shown_on(page.content.decode())
        assert list(shown) == [f"conversation-{conversation.pk}"]
        assert "A broken lamp" in shown[f"conversation-{conversation.pk}"]

    def test_reads_the_items_of_the_desks_own_timeline(self, client):
        item = TimelineItemFactory(text="It flickers.")
        client.force_login(UserFactory(role="admin"))

        page = client.get(
            reverse("inbox:timeline", args=[item.conversation_id]), headers=HTMX
        )

        shown = shown_on(page.content.decode())
        assert "It flickers." in shown[f"item-{item.pk}"]

    def test_takes_no_notice_of_the_time_of_day(self):
        earlier = '<li id="item-1">Hello <time>1 min</time></li>'
        later = '<li id="item-1">Hello <time>2 min</time></li>'

        assert shown_on(earlier) == shown_on(later) == {"item-1": "Hello"}


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        ({"a": "1", "b": "2"}, 0),
        ({"a": "1"}, 1),
        ({"a": "1", "b": "old"}, 1),
        ({"a": "1", "b": "2", "c": "3"}, 1),
        ({}, 2),
    ],
)
def test_count_missing_finds_what_is_absent_old_or_too_much(seen, missing):
    assert count_missing(seen, {"a": "1", "b": "2"}) == missing
