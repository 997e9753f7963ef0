import uuid

import pytest

from inbox.actions.messages import (
    NoRecipients,
    NothingWritten,
    Recipients,
    SomethingHappened,
    Writing,
    add_note,
    send_reply,
)
from inbox.models import Conversation, DeliveryState, Draft, Status
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


class TestSendReply:
    def test_holds_the_message_for_the_undo_time(self):
        conversation = ConversationFactory(channel__undo_seconds=10)

        item = reply(conversation, author=UserFactory())

        assert item.delivery.state == DeliveryState.HELD
        held_for = item.delivery.send_after - item.received_at
        assert held_for.total_seconds() == 10

    def test_takes_the_conversation_and_stops_the_clock(self):
        author = UserFactory()
        conversation = ConversationFactory(is_unread=True)

        reply(conversation, author=author)

        conversation.refresh_from_db()
        assert conversation.assignee == author
        assert conversation.waiting_since is None
        assert not conversation.is_unread
        assert conversation.preview_agent == author

    def test_gives_one_message_for_a_double_submit(self):
        conversation, author = ConversationFactory(), UserFactory()
        client_id = uuid.uuid4()

        first = reply(conversation, author=author, client_id=client_id)
        second = reply(conversation, author=author, client_id=client_id)

        assert first == second

    def test_stops_when_somebody_wrote_in_the_meantime(self):
        conversation = ConversationFactory()
        seen = TimelineItemFactory(conversation=conversation).seq
        TimelineItemFactory(conversation=conversation)

        with pytest.raises(SomethingHappened):
            reply(conversation, author=UserFactory(), seen_seq=seen)

    def test_is_not_stopped_by_a_note(self):
        conversation = ConversationFactory()
        seen = TimelineItemFactory(conversation=conversation).seq
        TimelineItemFactory(conversation=conversation, note=True)

        assert reply(conversation, author=UserFactory(), seen_seq=seen).pk

    def test_refuses_a_message_to_nobody(self):
        with pytest.raises(NoRecipients):
            send_reply(
                conversation_id=ConversationFactory().pk,
                author=UserFactory(),
                writing=Writing(text="Hello"),
                recipients=Recipients(),
            )

    def test_refuses_an_empty_message(self):
        with pytest.raises(NothingWritten):
            reply(ConversationFactory(), author=UserFactory(), text="  \n")

    def test_drops_the_draft_it_came_from(self):
        conversation, author = ConversationFactory(), UserFactory()
        Draft.objects.create(conversation=conversation, agent=author, text="It is")

        reply(conversation, author=author)

        assert not Draft.objects.exists()

    def test_opens_a_closed_topic_again(self):
        conversation = ConversationFactory(status=Status.CLOSED)

        reply(conversation, author=UserFactory())

        conversation.refresh_from_db()
        assert conversation.status == Status.OPEN


class TestAddNote:
    def test_stays_inside_and_reaches_those_mentioned(self):
        conversation, author, colleague = (
            ConversationFactory(),
            UserFactory(),
            UserFactory(),
        )

        note = add_note(
            conversation_id=conversation.pk,
            author=author,
            writing=Writing(text="@Sam please look"),
            mentioned=[colleague],
        )

        assert note.visibility == "internal"
        assert not hasattr(note, "delivery")
        assert list(colleague.mentions.values_list("item", flat=True)) == [note.pk]

    def test_does_not_stop_the_customers_clock(self):
        conversation = ConversationFactory()
        item = TimelineItemFactory(conversation=conversation)
        Conversation.objects.update(waiting_since=item.received_at)

        add_note(
            conversation_id=conversation.pk,
            author=UserFactory(),
            writing=Writing(text="Hm"),
        )

        conversation.refresh_from_db()
        assert conversation.waiting_since == item.received_at
