"""What was written is in the answer, if it stands in its conversation by then."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inbox.actions.conversations import mark_as_spam
from tests.helpdesk.chat.visiting import (
    Browser,
    answer_in,
    note_in,
    reader_elsewhere,
    settle,
)

pytestmark = pytest.mark.django_db


def placed(answer):
    assert answer.status_code == 202, answer.content
    return answer.json()["message"], answer.json()["after"]


class TestPlaced:
    def test_is_what_would_be_fetched(self, browser):
        conversation = browser.begin()

        message, after = placed(
            browser.write("And red?", conversation=str(conversation.public_id))
        )

        first, second = browser.messages(conversation)
        assert message == second
        assert (message["text"], after) == ("And red?", first["seq"])

    def test_is_after_the_last_message_that_is_theirs_to_see(self, browser, agent):
        conversation = browser.begin()
        answer_in(conversation, agent=agent)
        note_in(conversation, agent=agent)

        message, after = placed(
            browser.write("And red?", conversation=str(conversation.public_id))
        )

        assert (after, message["seq"]) == (2, 4)

    def test_has_its_files(self, browser):
        conversation = browser.begin()
        picture = SimpleUploadedFile("a.txt", b"hello", content_type="text/plain")

        message, _ = placed(
            browser.post_files(picture, conversation=str(conversation.public_id))
        )

        (file,) = message["files"]
        assert (file["name"], file["size"]) == ("a.txt", 5)

    def test_is_not_there_for_a_topic_that_begins(self, browser):
        assert placed(browser.write()) == (None, None)

    # Whoever shows their own words holds the channel until the commit.
    @pytest.mark.django_db(transaction=True)
    def test_is_not_there_while_somebody_else_reads(self, browser):
        conversation = browser.begin()

        with reader_elsewhere(browser.visitor.channel):
            answer = browser.write("Red?", conversation=str(conversation.public_id))

        assert placed(answer) == (None, None)

    def test_is_not_there_when_something_newer_is(self, browser, agent):
        conversation = browser.begin()
        message = {
            "client_id": str(uuid.uuid4()),
            "conversation": str(conversation.public_id),
            "text": "And red?",
        }
        browser.post("messages/", message)
        settle()
        answer_in(conversation, agent=agent)

        assert placed(browser.post("messages/", message)) == (None, None)

    def test_is_not_there_where_they_take_no_part(self, browser):
        conversation = browser.begin()
        message = {"client_id": str(uuid.uuid4()), "text": "And red?"}
        mine = {**message, "conversation": str(conversation.public_id)}
        browser.post("messages/", mine)
        settle()
        foreign = Browser(channel=browser.visitor.channel).begin()

        for other in (str(foreign.public_id), str(uuid.uuid4())):
            again = browser.post("messages/", {**message, "conversation": other})
            assert placed(again) == (None, None)

        mark_as_spam(conversation_id=conversation.pk, actor=None)
        assert placed(browser.post("messages/", mine)) == (None, None)
