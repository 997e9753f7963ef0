from random import Random

import httpx
import pytest

from helpdesk.chat.models import ChatState
from helpdesk.demo.actions import pause_visitors, state_of_demo
from helpdesk.demo.chatting import MOST_CHATS, PATIENCE, Shoppers
from helpdesk.demo.script import load_story, load_visits
from inbox.models import Conversation, Direction, TimelineItem
from tests.factories import UserFactory, WebchatChannelFactory
from tests.helpdesk.chat.visiting import answer_in, settle

pytestmark = pytest.mark.django_db(transaction=True)
PAUSE = 10_000


@pytest.fixture
def channel(settings):
    settings.DEMO_PAUSE_SECONDS = (PAUSE, PAUSE)
    return WebchatChannelFactory(address=load_story().chat["key"])


@pytest.fixture
def shoppers(channel, live_server):
    with httpx.Client(base_url=f"{live_server.url}/api/v1/chat/", timeout=30) as line:
        yield Shoppers(line=line, random=Random(1))


def turn(shoppers, *, now):
    shoppers.turn(now=now)
    settle()


def written():
    items = TimelineItem.objects.filter(direction=Direction.INBOUND).order_by("seq")
    return list(items.values_list("text", flat=True))


def answered(shoppers, *, agent, now):
    """Answer the visitor, and let them read, type and write."""
    answer_in(Conversation.objects.get(), agent=agent)
    for seconds in (0, 10, 20):
        turn(shoppers, now=now + seconds)


class TestShoppers:
    def test_ask_as_somebody_whom_the_shop_knows(self, shoppers):
        turn(shoppers, now=1)

        question = load_visits()["chat"][0]
        person = load_story().people[question["who"]]
        assert written() == [question["text"]]
        assert Conversation.objects.get().customer.name == person.name
        assert state_of_demo().letters_written == 1

    def test_answer_what_an_agent_wrote(self, shoppers):
        turn(shoppers, now=1)

        answered(shoppers, agent=UserFactory(), now=10)

        said = [words for some in load_visits()["answer"].values() for words in some]
        _question, words = written()
        assert words in said
        assert ChatState.objects.get().visitor_seen_seq > 0

    def test_rate_the_chat_and_leave_in_the_end(self, shoppers):
        agent = UserFactory()
        turn(shoppers, now=1)

        for round_number in range(3):
            answered(shoppers, agent=agent, now=100 * (round_number + 1))

        state = ChatState.objects.get()
        assert len(written()) == 3
        assert state.rating in (4, 5)
        assert state.ended_at is not None
        assert shoppers.chats == []

    def test_leave_when_nobody_answers(self, shoppers):
        turn(shoppers, now=1)

        turn(shoppers, now=2 + PATIENCE)

        assert shoppers.chats == []
        assert len(written()) == 1

    def test_are_only_a_few_at_a_time(self, shoppers, settings):
        settings.DEMO_PAUSE_SECONDS = (0, 0)

        for now in range(MOST_CHATS + 2):
            turn(shoppers, now=1 + now)

        assert Conversation.objects.count() == MOST_CHATS

    def test_stay_away_while_they_are_paused(self, shoppers):
        pause_visitors()

        turn(shoppers, now=1)

        assert written() == []
