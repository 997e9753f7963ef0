import pytest

from helpdesk.chat.actions.ending import end_chat
from helpdesk.chat.actions.reading import mark_seen
from helpdesk.chat.actions.states import note_answered, note_written
from helpdesk.chat.models import ChatState
from helpdesk.core.models import OutboxEvent
from inbox.actions.receiving import receive_message
from tests.factories import (
    ChannelFactory,
    InboundMessageFactory,
    UserFactory,
    VisitorFactory,
)
from tests.helpdesk.chat.visiting import Browser, answer_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def conversation(browser):
    return browser.begin()


def state_of(conversation):
    return ChatState.objects.get(pk=conversation.pk)


class TestNoteWritten:
    def test_knows_who_wrote_last(self):
        here = Browser(proven="42")
        there = Browser(
            VisitorFactory(
                channel=here.visitor.channel,
                identity=here.visitor.identity,
                is_proven=True,
            )
        )
        conversation = here.begin()
        there.begin_again(conversation)

        assert state_of(conversation).visitor == there.visitor

    def test_lets_a_chat_go_on_that_had_ended(self, browser, conversation):
        end_chat(conversation=conversation)
        browser.begin_again(conversation)

        assert state_of(conversation).ended_at is None

    def test_changes_nothing_when_it_comes_late(self, conversation):
        end_chat(conversation=conversation)

        note_written(item_id=conversation.items.order_by("seq").first().pk)

        assert state_of(conversation).ended_at is not None

    def test_is_never_asked_about_mail(self):
        receive_message(channel=ChannelFactory(), inbound=InboundMessageFactory())

        assert not OutboxEvent.objects.filter(
            subscriber__startswith="helpdesk.chat"
        ).exists()


class TestNoteAnswered:
    def test_waits_since_the_oldest_answer(self, conversation):
        first = answer_in(conversation, agent=UserFactory())
        second = answer_in(conversation, agent=UserFactory())

        note_answered(item_id=second.pk)
        note_answered(item_id=first.pk)

        assert state_of(conversation).unseen_since == first.received_at

    def test_does_not_wait_for_what_was_seen_already(self, browser, conversation):
        item = answer_in(conversation, agent=UserFactory())
        mark_seen(visitor=browser.visitor, conversation=conversation, seq=item.seq)

        note_answered(item_id=item.pk)

        assert state_of(conversation).unseen_since is None

    def test_says_that_whoever_answers_has_read(self, conversation):
        item = answer_in(conversation, agent=UserFactory())

        assert state_of(conversation).agent_seen_seq == item.seq

    def test_does_not_say_so_of_what_the_desk_writes(self, conversation):
        answer_in(conversation, agent=None)

        assert state_of(conversation).agent_seen_seq == 0

    def test_finds_nothing_of_an_answer_taken_back(self, conversation):
        note_answered(item_id=10**9)

        assert state_of(conversation).unseen_since is None
