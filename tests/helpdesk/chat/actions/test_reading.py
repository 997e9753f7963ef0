import pytest
from django.utils import timezone

from helpdesk.chat.actions.reading import (
    mark_delivered,
    mark_seen,
    mark_seen_by_agent,
)
from helpdesk.chat.events import SeenByAgent
from helpdesk.chat.models import ChatState
from helpdesk.core import events
from helpdesk.core.models import OutboxEvent
from inbox.actions.conversations import mark_read
from inbox.actions.delivery import claim_deliveries
from inbox.events import ConversationChanged
from inbox.models import Delivery, DeliveryState
from tests.factories import UserFactory, VisitorFactory, WebchatChannelFactory
from tests.helpdesk.chat.visiting import Browser, answer_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def conversation(browser):
    return browser.begin()


@pytest.fixture
def agent():
    return UserFactory()


@pytest.fixture
def heard():
    told = []
    for kind in (ConversationChanged, SeenByAgent):
        events._watchers[kind].append(told.append)
    yield told
    for kind in (ConversationChanged, SeenByAgent):
        events._watchers[kind].remove(told.append)


def see(browser, conversation, seq, mark=mark_seen):
    return mark(visitor=browser.visitor, conversation=conversation, seq=seq)


def state_of(conversation):
    return ChatState.objects.get(pk=conversation.pk)


def states(conversation):
    rows = Delivery.objects.filter(conversation=conversation).order_by("pk")
    return list(rows.values_list("state", flat=True))


class TestMarkSeen:
    def test_marks_what_was_seen_and_nothing_later(self, browser, conversation, agent):
        first = answer_in(conversation, agent=agent)
        second = answer_in(conversation, agent=agent)

        see(browser, conversation, first.seq)

        assert states(conversation) == [DeliveryState.SEEN, DeliveryState.SENT]
        assert state_of(conversation).unseen_since == second.received_at

    def test_ends_the_waiting_when_all_was_seen(self, browser, conversation, agent):
        item = answer_in(conversation, agent=agent)
        waiting = state_of(conversation).unseen_since

        see(browser, conversation, item.seq)

        assert waiting == item.received_at
        assert state_of(conversation).unseen_since is None

    def test_never_goes_back(self, browser, conversation, agent):
        first = answer_in(conversation, agent=agent)
        second = answer_in(conversation, agent=agent)
        see(browser, conversation, second.seq)
        seen_at = Delivery.objects.get(pk=first.pk).seen_at

        assert see(browser, conversation, first.seq) == second.seq

        assert state_of(conversation).visitor_seen_seq == second.seq
        assert Delivery.objects.get(pk=first.pk).seen_at == seen_at

    def test_does_not_see_what_can_still_be_taken_back(self, agent):
        browser = Browser(channel=WebchatChannelFactory(undo_seconds=10))
        conversation = browser.begin()
        answer_in(conversation, agent=agent)

        see(browser, conversation, 99)

        assert states(conversation) == [DeliveryState.HELD]
        assert state_of(conversation).visitor_seen_seq == 1
        assert state_of(conversation).unseen_since is not None

    def test_leaves_what_failed_as_it_is(self, browser, conversation, agent):
        item = answer_in(conversation, agent=agent)
        Delivery.objects.update(state=DeliveryState.FAILED)

        see(browser, conversation, item.seq)

        assert states(conversation) == [DeliveryState.FAILED]

    def test_tells_agents_once_as_the_visitor_knows(
        self, browser, conversation, agent, heard, django_capture_on_commit_callbacks
    ):
        item = answer_in(conversation, agent=agent)

        with django_capture_on_commit_callbacks(execute=True):
            see(browser, conversation, item.seq)
            see(browser, conversation, item.seq)

        assert [type(it) for it in heard] == [ConversationChanged]
        assert heard[0].is_internal is True

    def test_leaves_nothing_to_do_where_nothing_went_by_mail(
        self, browser, conversation, agent
    ):
        item = answer_in(conversation, agent=agent)

        see(browser, conversation, item.seq)

        assert not OutboxEvent.objects.filter(done_at=None).exists()

    def test_is_for_agents_a_time(self, browser, conversation, agent):
        item, now = answer_in(conversation, agent=agent), timezone.now()

        mark_seen(
            visitor=browser.visitor, conversation=conversation, seq=item.seq, now=now
        )

        assert Delivery.objects.get(pk=item.pk).seen_at == now
        assert state_of(conversation).visitor_seen_at == now


class TestMarkDelivered:
    def test_does_not_make_seen_answers_unseen(self, browser, conversation, agent):
        first = answer_in(conversation, agent=agent)
        see(browser, conversation, first.seq)
        second = answer_in(conversation, agent=agent)

        see(browser, conversation, second.seq, mark=mark_delivered)

        assert states(conversation) == [DeliveryState.SEEN, DeliveryState.DELIVERED]
        assert state_of(conversation).visitor_seen_seq == first.seq

    def test_comes_before_seen(self, browser, conversation, agent):
        item = answer_in(conversation, agent=agent)

        see(browser, conversation, item.seq, mark=mark_delivered)
        see(browser, conversation, item.seq)

        assert states(conversation) == [DeliveryState.SEEN]

    def test_is_nothing_that_anybody_sends(self, conversation, agent):
        answer_in(conversation, agent=agent)

        assert claim_deliveries(now=timezone.now()) == []


class TestMarkSeenByAgent:
    def test_happens_when_an_agent_looks(
        self, conversation, agent, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            mark_read(conversation_id=conversation.pk, agent=agent)

        assert state_of(conversation).agent_seen_seq == 1

    def test_never_goes_back(self, conversation):
        mark_seen_by_agent(conversation_id=conversation.pk, seq=5)
        mark_seen_by_agent(conversation_id=conversation.pk, seq=3)

        assert state_of(conversation).agent_seen_seq == 5

    def test_tells_the_visitor_once(
        self, conversation, heard, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            mark_seen_by_agent(conversation_id=conversation.pk, seq=1)
            mark_seen_by_agent(conversation_id=conversation.pk, seq=1)

        assert heard == [SeenByAgent(conversation_id=conversation.pk, seq=1)]


def test_another_visitor_of_the_person_reads_for_all(agent):
    here = Browser(proven="42")
    there = Browser(
        VisitorFactory(
            channel=here.visitor.channel,
            identity=here.visitor.identity,
            is_proven=True,
        )
    )
    conversation = here.begin()
    item = answer_in(conversation, agent=agent)

    see(there, conversation, item.seq)

    assert here.listed()[0]["unread"] == 0
