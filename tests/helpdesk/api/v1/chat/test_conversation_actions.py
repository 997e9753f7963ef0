import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.chat.events import VisitorTyping
from helpdesk.chat.models import ChatState
from helpdesk.core import events
from inbox.models import Delivery, DeliveryState, TimelineItem
from tests.factories import ChannelFactory
from tests.helpdesk.chat.visiting import answer_in, below

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What watchers are told of visitors that type."""
    told = []
    watchers = events._watchers[VisitorTyping]
    watchers.append(told.append)
    yield told
    watchers.remove(told.append)


class TestSeen:
    def test_marks_answers_as_seen(self, browser, agent):
        conversation = browser.begin()
        item = answer_in(conversation, agent=agent)

        answer = browser.post(below(conversation, "seen/"), seq=item.seq)

        delivery = Delivery.objects.get(pk=item.pk)
        assert answer.status_code == 204
        assert delivery.state == DeliveryState.SEEN
        assert delivery.seen_at is not None
        assert browser.listed()[0]["unread"] == 0
        assert browser.messages(conversation)[-1]["state"] == "seen"

    @pytest.mark.parametrize("seq", [None, -1, "x", True, 1.5, [], 10**30])
    def test_takes_a_number(self, browser, seq):
        conversation = browser.begin()

        answer = browser.post(below(conversation, "seen/"), seq=seq)

        assert answer.status_code == 400

    def test_takes_a_number_past_the_end_as_the_end(self, browser, agent):
        conversation = browser.begin()
        answer_in(conversation, agent=agent)

        browser.post(below(conversation, "seen/"), seq=10**15)

        assert browser.listed()[0]["seen_seq"] == 2


class TestDelivered:
    def test_marks_answers_as_delivered(self, browser, agent):
        conversation = browser.begin()
        item = answer_in(conversation, agent=agent)

        answer = browser.post(below(conversation, "delivered/"), seq=item.seq)

        assert answer.status_code == 204
        assert Delivery.objects.get(pk=item.pk).state == DeliveryState.DELIVERED
        assert browser.listed()[0]["unread"] == 1


class TestTyping:
    def test_is_told_and_not_kept(
        self, browser, heard, django_capture_on_commit_callbacks
    ):
        conversation = browser.begin()

        with django_capture_on_commit_callbacks(execute=True):
            answer = browser.post(below(conversation, "typing/"), on=True)

        assert answer.status_code == 204
        assert heard == [
            VisitorTyping(
                conversation_id=conversation.pk,
                visitor_id=browser.visitor.pk,
                is_on=True,
            )
        ]

    def test_writes_nothing(self, browser):
        conversation = browser.begin()

        with CaptureQueriesContext(connection) as queries:
            browser.post(below(conversation, "typing/"), on=True)

        assert {it["sql"].split()[0] for it in queries} <= {"SELECT", "EXECUTE"}


class TestEnd:
    def test_is_a_line_on_the_timeline(self, browser):
        conversation = browser.begin()

        answers = [browser.post(below(conversation, "end/")) for _ in range(2)]

        events_of = TimelineItem.objects.filter(payload__name="chat_ended")
        assert [it.status_code for it in answers] == [204, 204]
        assert events_of.count() == 1
        assert browser.listed()[0]["has_ended"] is True

    def test_is_over_when_they_write_again(self, browser):
        conversation = browser.begin()
        browser.post(below(conversation, "end/"))

        browser.begin_again(conversation)

        assert browser.listed()[0]["has_ended"] is False


class TestRating:
    def test_is_kept(self, browser):
        conversation = browser.begin()

        answer = browser.post(
            below(conversation, "rating/"), score=4, comment="<b>Quick</b>\0"
        )

        event = TimelineItem.objects.get(payload__name="rated")
        assert answer.status_code == 204
        assert event.payload["comment"] == "<b>Quick</b>\ufffd"
        assert browser.listed()[0]["rating"] == 4

    @pytest.mark.parametrize("score", [0, 6, "x", None, 1.5])
    def test_is_a_number_of_stars(self, browser, score):
        conversation = browser.begin()

        answer = browser.post(below(conversation, "rating/"), score=score)

        assert answer.status_code == 400
        assert not ChatState.objects.filter(rating__isnull=False).exists()


class TestTranscript:
    @pytest.fixture
    def conversation(self, browser):
        ChannelFactory(brand=browser.visitor.channel.brand)
        return browser.begin()

    def test_goes_to_the_address_that_was_given(self, browser, conversation):
        answer = browser.post(
            below(conversation, "transcript/"), email="maya@rivera.example"
        )

        item = TimelineItem.objects.get(payload__name="transcript")
        assert answer.status_code == 202
        assert item.payload["to"] == "maya@rivera.example"

    def test_needs_an_address(self, browser, conversation):
        answer = browser.post(below(conversation, "transcript/"), {})

        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "no_address"

    @pytest.mark.parametrize(
        "email", ["maya", ["a@b.example"], "a@b.example\nBcc: x@y"]
    )
    def test_needs_a_real_one(self, browser, conversation, email):
        answer = browser.post(below(conversation, "transcript/"), email=email)

        assert answer.status_code == 400

    def test_is_not_sent_where_there_is_no_mailbox(self, browser):
        answer = browser.post(
            below(browser.begin(), "transcript/"), email="maya@rivera.example"
        )

        assert answer.json()["error"]["code"] == "nothing_to_send"
