import pytest

from helpdesk.chat.actions.ending import end_chat, rate_chat
from helpdesk.chat.models import ChatState
from inbox.actions.conversations import close_conversation
from inbox.models import Conversation, Status, TimelineItem, Visibility
from tests.factories import UserFactory
from tests.helpdesk.chat.visiting import Browser, answer_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def conversation(browser):
    return browser.begin()


def events_of(conversation):
    rows = TimelineItem.objects.filter(conversation=conversation, kind="event")
    return [it.payload["name"] for it in rows.order_by("seq")]


def rated(conversation):
    rows = TimelineItem.objects.filter(
        conversation=conversation, payload__name="rated"
    ).order_by("seq")
    return [(it.payload["score"], it.payload["comment"]) for it in rows]


class TestEndChat:
    def test_closes_it_when_we_wrote_last(self, conversation):
        answer_in(conversation, agent=UserFactory())

        end_chat(conversation=conversation)

        assert Conversation.objects.get().status == Status.CLOSED
        assert events_of(conversation) == ["chat_ended", "closed"]

    def test_leaves_an_open_question_to_the_team(self, conversation):
        end_chat(conversation=conversation)

        assert Conversation.objects.get().status == Status.OPEN
        assert events_of(conversation) == ["chat_ended"]

    def test_ends_once(self, conversation):
        end_chat(conversation=conversation)
        end_chat(conversation=conversation)

        assert events_of(conversation) == ["chat_ended"]

    def test_numbers_its_line_after_what_was_written(self, browser, conversation):
        end_chat(conversation=conversation)
        browser.begin_again(conversation)

        seqs = conversation.items.order_by("seq").values_list("seq", flat=True)
        assert list(seqs) == [1, 2, 3]

    def test_leaves_what_is_closed_as_it_is(self, conversation):
        close_conversation(conversation_id=conversation.pk, actor=None)

        end_chat(conversation=conversation)

        assert events_of(conversation) == ["closed", "chat_ended"]


class TestRateChat:
    def test_is_a_line_for_agents_alone(self, conversation):
        rate_chat(conversation=conversation, score=5, comment="Quick")

        item = TimelineItem.objects.get(payload__name="rated")
        state = ChatState.objects.get(pk=conversation.pk)
        assert item.visibility == Visibility.INTERNAL
        assert (state.rating, state.rating_comment) == (5, "Quick")
        assert rated(conversation) == [(5, "Quick")]

    def test_can_be_changed(self, conversation):
        rate_chat(conversation=conversation, score=5)
        rate_chat(conversation=conversation, score=2, comment="Wrong answer")

        assert rated(conversation) == [(2, "Wrong answer")]

    def test_is_another_one_after_they_wrote_again(self, browser, conversation):
        rate_chat(conversation=conversation, score=2)
        browser.begin_again(conversation)
        rate_chat(conversation=conversation, score=5)

        assert rated(conversation) == [(2, ""), (5, "")]

    def test_is_another_one_then_though_it_is_as_good(self, browser, conversation):
        rate_chat(conversation=conversation, score=5)
        browser.begin_again(conversation)
        rate_chat(conversation=conversation, score=5)

        assert rated(conversation) == [(5, ""), (5, "")]

    def test_is_kept_once_however_often_it_comes(self, conversation):
        for _ in range(3):
            rate_chat(conversation=conversation, score=5)

        assert rated(conversation) == [(5, "")]
