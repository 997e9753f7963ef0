import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpdesk.chat.events import VisitorTyping
from helpdesk.chat.models import ChatState
from helpdesk.core import events
from inbox.actions.conversations import close_conversation, mark_as_spam
from inbox.models import Attachment, Channel, Delivery, DeliveryState, TimelineItem
from tests.factories import (
    ChannelFactory,
    IdentityFactory,
    TimelineItemFactory,
    UserFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.helpdesk.chat.visiting import Browser, answer_in, note_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def agent():
    return UserFactory(name="Noor Okafor")


@pytest.fixture
def heard():
    """What watchers are told of visitors that type."""
    told = []
    watchers = events._watchers[VisitorTyping]
    watchers.append(told.append)
    yield told
    watchers.remove(told.append)


def below(conversation, word=""):
    return f"conversations/{conversation.public_id}/{word}"


class TestList:
    def test_shows_what_a_visitor_finds_again(self, browser, agent):
        topic = str(uuid.uuid4())
        conversation = browser.begin_with(topic, "Is it blue?")
        answer_in(conversation, agent=agent, text="Yes,\nit is.")

        (shown,) = browser.listed()

        for moment in ("last_at", "agent_seen_at"):
            assert shown.pop(moment).endswith("Z")
        assert shown == {
            "id": str(conversation.public_id),
            "keys": [topic],
            "subject": "",
            "status": "open",
            "agent": {
                "name": "Noor Okafor",
                "initials": "NO",
                "color": agent.color_index,
            },
            "preview": "Yes, it is.",
            "preview_by": "agent",
            "unread": 1,
            "last_seq": 2,
            "seen_seq": 0,
            "agent_seen_seq": 2,
            "rating": None,
            "has_ended": False,
        }

    def test_never_shows_what_is_for_agents_alone(self, browser, agent):
        conversation = browser.begin("Is it blue?")
        note_in(conversation, agent=agent, text="A difficult one.")
        close_conversation(conversation_id=conversation.pk, actor=agent)

        (shown,) = browser.listed()

        assert shown["preview"] == "Is it blue?"
        assert shown["preview_by"] == "me"
        assert shown["status"] == "closed"
        assert shown["unread"] == 0

    def test_never_shows_what_went_by_mail(self, browser, agent):
        conversation = browser.begin("Is it blue?")
        mailbox = ChannelFactory()
        TimelineItemFactory(
            conversation=conversation, channel=mailbox, outbound=True, text="By mail"
        )
        TimelineItemFactory(
            conversation=conversation,
            channel=mailbox,
            identity=IdentityFactory(customer=conversation.customer),
            text="A mail of somebody who says they are the same",
        )

        (shown,) = browser.listed()

        assert shown["preview"] == "Is it blue?"
        assert shown["unread"] == 0

    def test_shows_no_answer_that_can_be_taken_back(self, agent):
        browser = Browser(channel=WebchatChannelFactory(undo_seconds=10))
        conversation = browser.begin("Is it blue?")

        answer_in(conversation, agent=agent, text="Yes")

        assert browser.listed()[0]["preview"] == "Is it blue?"
        assert browser.listed()[0]["unread"] == 0

    def test_begins_with_the_newest(self, browser, agent):
        first, second = browser.begin("One"), browser.begin("Two")
        answer_in(first, agent=agent)

        ids = [shown["id"] for shown in browser.listed()]

        assert ids == [str(first.public_id), str(second.public_id)]

    def test_goes_on_where_a_page_ended(self, browser, monkeypatch):
        begun = [browser.begin(f"Topic {number}") for number in range(23)]

        first = browser.get("conversations/").json()
        second = browser.get("conversations/", before=first["next"]).json()

        ids = [shown["id"] for shown in first["results"] + second["results"]]
        assert ids == [str(it.public_id) for it in reversed(begun)]
        assert len(first["results"]) == 20
        assert second["next"] is None

    @pytest.mark.parametrize("before", ["x", "1_2", "9" * 30, f"{'9' * 17}_{'a' * 32}"])
    def test_understands_only_places_of_its_own(self, browser, before):
        assert browser.get("conversations/", before=before).status_code in (200, 400)

    def test_asks_the_same_number_of_questions_for_many(self, browser, agent):
        answer_in(browser.begin(), agent=agent)
        with CaptureQueriesContext(
            connection,
        ) as few:
            browser.listed()
        for _ in range(6):
            answer_in(browser.begin(), agent=UserFactory())

        with CaptureQueriesContext(connection) as many:
            assert len(browser.listed()) == 7

        assert len(many) == len(few) <= 7

    def test_is_the_same_on_every_device_of_a_known_user(self):
        here = Browser(proven="42")
        there = Browser(
            VisitorFactory(
                channel=here.visitor.channel,
                identity=here.visitor.identity,
                is_proven=True,
            )
        )
        conversation = here.begin("From my phone")

        (shown,) = there.listed()

        assert shown["id"] == str(conversation.public_id)
        assert shown["preview_by"] == "me"
        assert shown["keys"] == []

    def test_leaves_out_spam(self, browser):
        mark_as_spam(conversation_id=browser.begin().pk, actor=None)

        assert browser.listed() == []

    def test_previews_a_file_by_its_name(self, browser):
        conversation = browser.begin("Look")
        item = TimelineItemFactory(
            conversation=conversation,
            channel=conversation.channel,
            identity=browser.visitor.identity,
            text="",
        )
        Attachment.objects.create(item=item, name="receipt.pdf", stored_name="x")

        assert browser.listed()[0]["preview"] == "receipt.pdf"


class TestMessages:
    def test_shows_both_sides(self, browser, agent):
        conversation = browser.begin("Is it <b>blue</b>?")
        answer_in(
            conversation,
            agent=agent,
            text="Yes",
            html='<p>Yes<script>x()</script> <img src="https://x.example/p.png"></p>',
        )

        mine, ours = browser.messages(conversation)

        assert (mine["by"], mine["agent"], mine["html"]) == ("me", None, "")
        assert mine["text"] == "Is it <b>blue</b>?"
        assert mine["client_id"] is not None
        assert (ours["by"], ours["agent"]["name"]) == ("agent", "Noor Okafor")
        assert ours["client_id"] is None
        assert "<p>Yes" in ours["html"]
        assert "script" not in ours["html"]
        assert "x.example" not in ours["html"]

    def test_never_tells_an_agents_address(self, browser):
        nameless = UserFactory(name="", email="noor@desk.example")
        conversation = browser.begin()
        answer_in(conversation, agent=nameless)

        answer = browser.get(below(conversation, "messages/"))

        assert "noor@desk" not in answer.content.decode()

    def test_never_shows_notes_and_events(self, browser, agent):
        conversation = browser.begin()
        note_in(conversation, agent=agent)
        close_conversation(conversation_id=conversation.pk, actor=agent)

        assert len(browser.messages(conversation)) == 1

    def test_shows_no_forward(self, browser):
        conversation = browser.begin()
        TimelineItemFactory(
            conversation=conversation, outbound=True, payload={"mode": "forward"}
        )

        assert len(browser.messages(conversation)) == 1

    def test_shows_an_answer_of_the_desk_itself(self, browser):
        conversation = browser.begin()
        answer_in(conversation, agent=None)

        assert browser.messages(conversation)[-1]["by"] == "desk"

    def test_come_after_a_number(self, browser):
        conversation = browser.begin("Line 1")
        for number in range(2, 7):
            browser.write(f"Line {number}", conversation=str(conversation.public_id))

        page = browser.get(below(conversation, "messages/"), after=2, limit=2).json()

        assert [it["seq"] for it in page["results"]] == [3, 4]
        assert page["has_more"] is True
        assert page["conversation"]["last_seq"] == 6

    def test_come_before_a_number(self, browser):
        conversation = browser.begin("Line 1")
        for number in range(2, 7):
            browser.write(f"Line {number}", conversation=str(conversation.public_id))
        path = below(conversation, "messages/")

        newest = browser.get(path, limit=4).json()
        earlier = browser.get(path, before=3, limit=4).json()

        assert [it["seq"] for it in newest["results"]] == [3, 4, 5, 6]
        assert [it["seq"] for it in earlier["results"]] == [1, 2]
        assert (newest["has_more"], earlier["has_more"]) == (True, False)

    @pytest.mark.parametrize("value", ["x", "-1", "1.5", "٣"])
    @pytest.mark.parametrize("name", ["after", "before", "limit"])
    def test_understand_numbers_only(self, browser, name, value):
        conversation = browser.begin()

        answer = browser.get(below(conversation, "messages/"), **{name: value})

        assert answer.status_code == 400

    @pytest.mark.parametrize("value", ["0", "9" * 40])
    @pytest.mark.parametrize("name", ["after", "before", "limit"])
    def test_take_numbers_of_any_size(self, browser, name, value):
        conversation = browser.begin()

        answer = browser.get(below(conversation, "messages/"), **{name: value})

        assert answer.status_code == 200

    def test_ask_the_same_number_of_questions_for_many(self, browser, agent):
        conversation = browser.begin()
        answer_in(conversation, agent=agent)
        with CaptureQueriesContext(connection) as few:
            browser.messages(conversation)
        for _ in range(8):
            answer_in(conversation, agent=agent)

        with CaptureQueriesContext(connection) as many:
            assert len(browser.messages(conversation)) == 10

        assert len(many) == len(few) <= 9

    def test_say_what_an_agent_has_seen(self, browser, agent):
        conversation = browser.begin()
        before = browser.messages(conversation)[0]["state"]
        answer_in(conversation, agent=agent)

        assert (before, browser.messages(conversation)[0]["state"]) == ("sent", "seen")


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


class TestNews:
    def test_names_what_is_new(self, browser, agent):
        conversation, other = browser.begin("One"), browser.begin("Two")
        before = timezone.now().isoformat()
        answer_in(conversation, agent=agent)

        everything = browser.get("news/").json()
        news = browser.get("news/", since=before).json()

        assert {it["id"] for it in everything["conversations"]} == {
            str(conversation.public_id),
            str(other.public_id),
        }
        assert news["conversations"] == [
            {"id": str(conversation.public_id), "last_seq": 2}
        ]

    def test_tells_of_nothing_twice_for_long(self, browser):
        browser.begin()

        later = (timezone.now() + timedelta(seconds=1)).isoformat()

        assert browser.get("news/", since=later).json()["conversations"] == []

    def test_takes_its_own_word_for_the_next_time(self, browser, agent):
        conversation = browser.begin()
        at = browser.get("news/").json()["at"]
        answer_in(conversation, agent=agent)

        assert len(browser.get("news/", since=at).json()["conversations"]) == 1

    def test_tells_nothing_of_notes(self, browser, agent):
        conversation = browser.begin()
        now = timezone.now().isoformat()
        note_in(conversation, agent=agent)

        assert browser.get("news/", since=now).json()["conversations"] == []

    @pytest.mark.parametrize(
        "since", ["x", "0", "2026-13-01", "0001-01-01T00:00:00+14:00", "\0"]
    )
    def test_understands_moments_only(self, browser, since):
        assert browser.get("news/", since=since).status_code == 400

    def test_asks_few_questions(self, browser):
        for _ in range(3):
            browser.begin()

        with CaptureQueriesContext(connection) as queries:
            browser.get("news/", since=timezone.now().isoformat())

        assert len(queries) <= 2


class TestChannelThatIsOff:
    def test_shows_nothing_any_more(self, browser):
        browser.begin()
        Channel.objects.update(is_active=False)

        assert browser.get("conversations/").status_code == 401


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
