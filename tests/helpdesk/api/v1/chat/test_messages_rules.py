import uuid

import pytest

from channels_ingest.models import InboundEvent
from inbox.actions.conversations import close_conversation
from tests.factories import WebchatChannelFactory
from tests.helpdesk.chat.visiting import (
    Browser,
    below,
    error_of,
    message_of,
    reader_elsewhere,
    settle,
)

pytestmark = pytest.mark.django_db


def rules(**visitors):
    return WebchatChannelFactory(chat={"visitors": visitors})


class TestRules:
    def test_may_forbid_to_start(self):
        answer = Browser(channel=rules(may_start=False)).write()

        assert (answer.status_code, error_of(answer)["code"]) == (403, "may_not_start")
        assert not InboundEvent.objects.exists()

    def test_may_differ_for_known_users(self):
        channel = rules(may_start=False)

        assert Browser(channel=channel, proven="42").write().status_code == 202

    def test_may_close_a_conversation_for_good(self):
        browser = Browser(channel=rules(may_reply_to_closed=False))
        conversation = browser.begin()
        before = browser.write("Still open", conversation=str(conversation.public_id))
        settle()
        close_conversation(conversation_id=conversation.pk, actor=None)

        answer = browser.write("And again", conversation=str(conversation.public_id))

        assert before.status_code == 202
        assert answer.status_code == 403
        assert error_of(answer)["code"] == "conversation_closed"

    def test_close_it_for_its_topic_as_well(self):
        browser, topic = (
            Browser(channel=rules(may_reply_to_closed=False)),
            str(uuid.uuid4()),
        )
        conversation = browser.begin_with(topic)
        close_conversation(conversation_id=conversation.pk, actor=None)

        assert browser.write(topic=topic).status_code == 403

    def test_do_not_lose_what_was_taken_before(self):
        browser = Browser(channel=rules(may_reply_to_closed=False))
        conversation = browser.begin()
        message = message_of(text="x", conversation=str(conversation.public_id))
        browser.post("messages/", message)
        settle()
        close_conversation(conversation_id=conversation.pk, actor=None)

        assert browser.post("messages/", message).status_code == 202

    def test_may_allow_one_conversation_at_a_time(self):
        browser = Browser(channel=rules(may_have_several=False))
        conversation = browser.begin()

        answer = browser.write("Another thing")
        close_conversation(conversation_id=conversation.pk, actor=None)
        later = browser.write("Another thing")

        assert (answer.status_code, error_of(answer)["code"]) == (403, "one_at_a_time")
        assert later.status_code == 202

    def test_let_another_begin_when_the_visitor_has_ended_one(self):
        browser = Browser(channel=rules(may_have_several=False))
        conversation = browser.begin("Nobody has answered")
        browser.post(below(conversation, "end/"))

        answer = browser.write("Another thing")
        back = browser.write("Still me", conversation=str(conversation.public_id))

        assert answer.status_code == 202
        assert error_of(back)["code"] == "one_at_a_time"

    def test_open_nothing_again_beside_what_is_open(self):
        browser = Browser(channel=rules(may_have_several=False))
        closed = browser.begin()
        close_conversation(conversation_id=closed.pk, actor=None)
        conversation = browser.begin("Another thing")

        refused = browser.write("Again", conversation=str(closed.public_id))
        close_conversation(conversation_id=conversation.pk, actor=None)
        taken = browser.write("Again", conversation=str(closed.public_id))

        assert error_of(refused)["code"] == "one_at_a_time"
        assert taken.status_code == 202

    def test_count_a_topic_that_was_not_read_yet(self):
        browser, topic = (
            Browser(channel=rules(may_have_several=False)),
            str(uuid.uuid4()),
        )
        with reader_elsewhere(browser.visitor.channel):
            browser.write("First", topic=topic)
            same = browser.write("More", topic=topic)
            another = browser.write("Another")

        assert (same.status_code, another.status_code) == (202, 403)
