import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inbox.actions.conversations import (
    close_conversation,
    mark_as_spam,
    reopen_conversation,
    wait_for_customer,
)
from inbox.models import Attachment, Channel
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

    @pytest.mark.parametrize("reopen", [reopen_conversation, wait_for_customer])
    def test_tells_that_a_conversation_was_closed_and_opened_again(
        self, browser, reopen
    ):
        conversation = browser.begin()
        told = []

        for change in (close_conversation, reopen):
            now = timezone.now().isoformat()
            change(conversation_id=conversation.pk, actor=None)
            told += browser.get("news/", since=now).json()["conversations"]

        assert told == [{"id": str(conversation.public_id), "last_seq": 1}] * 2

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
