from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from customers.models import Customer
from inbox.actions.conversations import close_conversation, mark_as_spam
from inbox.actions.receiving import receive_message
from inbox.contract import Authentication, Nature, Sender, Verdict
from inbox.models import Conversation, Participant, SearchPending, Status, TimelineItem
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.inbox import ChannelFactory, InboundMessageFactory

pytestmark = pytest.mark.django_db
MAYA = Sender(kind="email", handle="maya@rivera.example", name="Maya Rivera")
STRANGER = Sender(kind="email", handle="eve@elsewhere.example", name="Eve")


def receive(channel, **fields):
    return receive_message(channel=channel, inbound=InboundMessageFactory(**fields))


class TestReceiveMessage:
    def test_makes_the_person_and_the_conversation_of_a_first_message(self):
        team = TeamFactory()
        channel = ChannelFactory(team=team)

        received = receive(channel, sender=MAYA, subject="Where is it", text="Hello")

        conversation = received.item.conversation
        assert received.is_new
        assert conversation.customer.name == "Maya Rivera"
        assert (conversation.team, conversation.status) == (team, Status.OPEN)
        conversation.refresh_from_db()
        assert conversation.preview == "Hello"
        assert conversation.is_unread
        assert conversation.waiting_since is not None

    def test_stores_a_redelivered_message_once(self):
        channel = ChannelFactory()
        inbound = InboundMessageFactory()

        first = receive_message(channel=channel, inbound=inbound)
        second = receive_message(channel=channel, inbound=inbound)

        assert first.item == second.item
        assert not second.is_new
        assert TimelineItem.objects.count() == 1

    def test_sets_the_due_time_the_channel_promises(self):
        channel = ChannelFactory(reply_within_minutes=60)
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)

        received = receive_message(
            channel=channel, inbound=InboundMessageFactory(), now=now
        )

        conversation = Conversation.objects.get(pk=received.item.conversation_id)
        assert conversation.due_at == now + timedelta(hours=1)

    def test_waits_for_the_index_outside_the_transaction(self):
        received = receive(ChannelFactory())

        assert SearchPending.objects.filter(item=received.item).exists()

    def test_never_dates_a_message_later_than_it_came(self):
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)

        received = receive_message(
            channel=ChannelFactory(),
            inbound=InboundMessageFactory(sent_at=now + timedelta(days=400)),
            now=now,
        )

        assert received.item.occurred_at == now

    def test_opens_a_closed_topic_again_when_the_customer_answers(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA, own_keys=("a@mua",))
        close_conversation(conversation_id=first.item.conversation_id, actor=None)

        second = receive(channel, sender=MAYA, thread_keys=("a@mua",))

        assert second.item.conversation_id == first.item.conversation_id
        assert second.item.conversation.status == Status.OPEN

    def test_releases_a_reopened_topic_of_somebody_who_left(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA, own_keys=("a@mua",))
        gone = UserFactory(is_active=False)
        Conversation.objects.update(assignee=gone, status=Status.CLOSED)

        second = receive(channel, sender=MAYA, thread_keys=("a@mua",))

        conversation = Conversation.objects.get(pk=first.item.conversation_id)
        assert second.item.conversation_id == conversation.pk
        assert conversation.assignee is None

    def test_leaves_a_spam_topic_where_it_is(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA, own_keys=("a@mua",))
        mark_as_spam(conversation_id=first.item.conversation_id, actor=None)

        receive(channel, sender=MAYA, thread_keys=("a@mua",))

        assert Conversation.objects.get().status == Status.SPAM

    @pytest.mark.parametrize("nature", [Nature.AUTO_REPLY, Nature.NOTIFICATION])
    def test_does_not_wake_a_closed_topic_for_a_machine(self, nature):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA, own_keys=("a@mua",))
        close_conversation(conversation_id=first.item.conversation_id, actor=None)

        receive(channel, sender=MAYA, thread_keys=("a@mua",), nature=nature)

        conversation = Conversation.objects.get()
        assert conversation.status == Status.CLOSED
        assert conversation.waiting_since is None

    def test_proves_an_address_only_by_authenticated_mail(self):
        channel = ChannelFactory()
        receive(channel, sender=MAYA)
        identity = Customer.objects.get().identities.get()
        assert not identity.is_verified

        receive(
            channel,
            sender=MAYA,
            authentication=Authentication(verdict=Verdict.PASS),
        )

        identity.refresh_from_db()
        assert identity.is_verified


class TestPlacement:
    def test_follows_our_signed_id_whatever_the_subject_says(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA)

        second = receive(
            channel,
            sender=MAYA,
            subject="Something else",
            proven_conversation_id=first.item.conversation_id,
        )

        assert second.why == "signed"
        assert second.item.conversation_id == first.item.conversation_id

    def test_flags_a_stranger_who_holds_our_signed_id(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA)

        second = receive(
            channel,
            sender=STRANGER,
            proven_conversation_id=first.item.conversation_id,
        )

        conversation = first.item.conversation
        assert second.item.payload["stranger"] is True
        roles = dict(
            Participant.objects.filter(conversation=conversation).values_list(
                "identity__value", "role"
            )
        )
        assert roles == {MAYA.handle: "customer", STRANGER.handle: "stranger"}
        conversation.refresh_from_db()
        assert conversation.identity.value == MAYA.handle

    def test_keeps_a_stranger_out_who_only_knows_a_foreign_id(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA, own_keys=("a@mua",))

        second = receive(channel, sender=STRANGER, thread_keys=("a@mua",))

        assert second.why == "new"
        assert second.item.conversation_id != first.item.conversation_id

    def test_finds_the_topic_although_a_stranger_claims_the_same_key(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA, own_keys=("a@mua",))
        receive(channel, sender=STRANGER, own_keys=("a@mua",))

        third = receive(channel, sender=MAYA, thread_keys=("a@mua",))

        assert third.item.conversation_id == first.item.conversation_id

    def test_gives_no_authority_to_a_sender_that_fails_the_checks(self):
        channel = ChannelFactory()
        receive(channel, sender=MAYA, subject="Parcel", own_keys=("a@mua",))

        forged = receive(
            channel,
            sender=MAYA,
            subject="Re: Parcel",
            thread_keys=("a@mua",),
            authentication=Authentication(verdict=Verdict.FAIL),
        )

        assert forged.why == "new"

    def test_continues_an_open_topic_of_the_same_subject(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA, subject="Parcel 7")

        second = receive(channel, sender=MAYA, subject="AW: Re: parcel  7")

        assert second.why == "continuity"
        assert second.item.conversation_id == first.item.conversation_id

    def test_never_follows_a_number_in_the_subject(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA)
        number = first.item.conversation_id

        second = receive(channel, sender=STRANGER, subject=f"Re: x - #{number}")

        assert second.item.conversation_id != number

    def test_prefers_the_earliest_telling_key(self):
        channel = ChannelFactory(continuity="never")
        older = receive(channel, sender=MAYA, own_keys=("old@mua",))
        newer = receive(channel, sender=MAYA, own_keys=("new@mua",))

        third = receive(channel, sender=MAYA, thread_keys=("new@mua", "old@mua"))

        assert third.item.conversation_id == newer.item.conversation_id
        assert older.item.conversation_id != newer.item.conversation_id

    def test_takes_a_forged_message_on_a_signed_id_as_a_strangers(self):
        channel = ChannelFactory()
        first = receive(channel, sender=MAYA)
        inbound = InboundMessageFactory(
            sender=MAYA, proven_conversation_id=first.item.conversation_id
        )

        second = receive_message(
            channel=channel,
            inbound=replace(inbound, authentication=Authentication(verdict="fail")),
        )

        assert second.item.payload["stranger"] is True
