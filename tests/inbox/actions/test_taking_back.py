import pytest

from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.actions.taking_back import TooLateToUndo, take_back
from inbox.models import TimelineItem
from tests.factories.accounts import UserFactory
from tests.factories.inbox import ConversationFactory, TimelineItemFactory

pytestmark = pytest.mark.django_db
MAYA = {"name": "Maya", "handle": "maya@rivera.example"}


def reply(conversation, *, author, text="It is on its way.", **fields):
    return send_reply(
        conversation_id=conversation.pk,
        author=author,
        writing=Writing(text=text),
        recipients=Recipients(to=[MAYA]),
        **fields,
    )


class TestTakeBack:
    def test_puts_the_words_back_into_the_draft(self):
        conversation, author = ConversationFactory(), UserFactory()
        item = reply(conversation, author=author, text="Too fast")

        draft = take_back(item_id=item.pk, actor=author)

        assert draft.text == "Too fast"
        assert draft.to == [MAYA]
        assert draft.way == ""
        assert not TimelineItem.objects.filter(pk=item.pk).exists()

    def test_starts_the_clock_of_the_customers_question_again(self):
        conversation, author = ConversationFactory(), UserFactory()
        question = TimelineItemFactory(conversation=conversation, text="Where is it?")
        item = reply(conversation, author=author)

        take_back(item_id=item.pk, actor=author)

        conversation.refresh_from_db()
        assert conversation.waiting_since == question.received_at
        assert conversation.preview == "Where is it?"

    @pytest.mark.parametrize("state", ["sending", "sent", "queued"])
    def test_is_too_late_once_a_sender_has_it(self, state):
        author = UserFactory()
        item = reply(ConversationFactory(), author=author)
        type(item.delivery).objects.update(state=state)

        with pytest.raises(TooLateToUndo):
            take_back(item_id=item.pk, actor=author)

    def test_is_only_for_the_author(self):
        item = reply(ConversationFactory(), author=UserFactory())

        with pytest.raises(TimelineItem.DoesNotExist):
            take_back(item_id=item.pk, actor=UserFactory())

    def test_remembers_the_way_that_was_chosen(self):
        conversation, author = ConversationFactory(), UserFactory()
        item = reply(conversation, author=author, way="reply-claimed")

        draft = take_back(item_id=item.pk, actor=author)

        assert (draft.mode, draft.way) == ("reply", "reply-claimed")
