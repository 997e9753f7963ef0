from datetime import UTC, datetime, timedelta

import pytest

from inbox.actions.delivery import (
    LEASE,
    StaleAttempt,
    claim_deliveries,
    follow_the_clock,
    give_up_abandoned,
    record_failure,
    record_receipt,
    record_retry,
    record_sent,
    send_again,
)
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.contract import Receipt, ReceiptStatus, SendResult
from inbox.models import Delivery, DeliveryState, ThreadReference
from tests.factories.accounts import UserFactory
from tests.factories.inbox import ConversationFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SECOND = timedelta(seconds=1)


@pytest.fixture
def conversation():
    return ConversationFactory()


def queue(conversation, *, text="Hello", now=NOW):
    return send_reply(
        conversation_id=conversation.pk,
        author=UserFactory(),
        writing=Writing(text=text),
        recipients=Recipients(to=[{"name": "", "handle": "maya@rivera.example"}]),
        now=now,
    )


def taken(key):
    return SendResult(external_id=key, own_keys=(key,), response="250 ok")


class TestClaimDeliveries:
    def test_leaves_what_can_still_be_taken_back(self, conversation):
        queue(conversation)

        assert claim_deliveries(now=NOW) == []

    def test_takes_one_message_of_a_conversation_at_a_time_in_order(self, conversation):
        first, second = queue(conversation), queue(conversation)

        (claim,) = claim_deliveries(now=LATER)
        while_sending = claim_deliveries(now=LATER)
        record_sent(claim=claim, result=taken("one@us"), now=LATER)
        (following,) = claim_deliveries(now=LATER)

        assert claim.item_id == first.pk
        assert while_sending == []
        assert following.item_id == second.pk

    def test_takes_messages_of_other_conversations_side_by_side(self, conversation):
        queue(conversation)
        queue(ConversationFactory())

        assert len(claim_deliveries(now=LATER)) == 2


class TestResults:
    def test_remembers_the_ids_an_answer_will_name(self, conversation):
        item = queue(conversation)
        (claim,) = claim_deliveries(now=LATER)

        record_sent(claim=claim, result=taken("one@us"), now=LATER)

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.SENT
        reference = ThreadReference.objects.get(key="one@us")
        assert reference.is_ours
        assert reference.conversation == conversation

    def test_waits_longer_before_each_new_try(self, conversation):
        item = queue(conversation)
        (claim,) = claim_deliveries(now=LATER)

        record_retry(claim=claim, reason="Busy", diagnostic="421", now=LATER)

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.QUEUED
        assert item.delivery.send_after > LATER

    def test_gives_up_after_a_day(self, conversation):
        item = queue(conversation)
        tomorrow = NOW + timedelta(hours=25)
        (claim,) = claim_deliveries(now=tomorrow)

        record_retry(claim=claim, reason="Busy", diagnostic="421", now=tomorrow)

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.FAILED

    def test_refuses_the_word_of_a_sender_that_was_given_up(self, conversation):
        item = queue(conversation)
        (claim,) = claim_deliveries(now=LATER)
        give_up_abandoned(now=LATER + LEASE * 2, reason="Interrupted")

        with pytest.raises(StaleAttempt):
            record_sent(claim=claim, result=taken("one@us"), now=LATER)

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.UNCONFIRMED

    def test_never_sends_an_abandoned_message_by_itself(self, conversation):
        queue(conversation)
        claim_deliveries(now=LATER)
        give_up_abandoned(now=LATER + LEASE * 2, reason="Interrupted")

        assert claim_deliveries(now=LATER + LEASE * 3) == []

    def test_sends_again_when_an_agent_says_so(self, conversation):
        item = queue(conversation)
        (claim,) = claim_deliveries(now=LATER)
        record_failure(claim=claim, reason="No such mailbox", diagnostic="550")

        send_again(item_id=item.pk, now=LATER)

        assert [c.attempt for c in claim_deliveries(now=LATER)] == [2]


class TestFollowTheClock:
    def test_keeps_the_undo_time_when_the_clock_is_set_back(
        self, conversation, time_machine
    ):
        time_machine.move_to(NOW, tick=False)
        item = queue(conversation)
        undo = item.delivery.send_after - NOW

        time_machine.shift(timedelta(hours=-2))
        earlier = NOW - timedelta(hours=2)
        follow_the_clock(now=earlier)

        assert claim_deliveries(now=earlier) == []
        (claim,) = claim_deliveries(now=earlier + undo)
        assert claim.item_id == item.pk

    def test_gives_up_a_dead_sender_when_the_clock_is_set_back(
        self, conversation, time_machine
    ):
        time_machine.move_to(LATER, tick=False)
        queue(conversation)
        claim_deliveries(now=LATER)

        earlier = LATER - timedelta(hours=2)
        follow_the_clock(now=earlier)

        assert give_up_abandoned(now=earlier, reason="late") == 0
        assert give_up_abandoned(now=earlier + LEASE + SECOND, reason="late") == 1

    def test_keeps_the_undo_time_when_the_clock_is_set_back_while_it_is_written(
        self, conversation
    ):
        item = queue(conversation)
        undo = timedelta(seconds=item.channel.undo_seconds)
        Delivery.objects.update(
            send_after=NOW + timedelta(hours=2) + undo, updated_at=NOW
        )

        follow_the_clock(now=NOW + SECOND)

        assert claim_deliveries(now=NOW + SECOND) == []
        (claim,) = claim_deliveries(now=NOW + SECOND + undo)
        assert claim.item_id == item.pk

    def test_leaves_a_pause_before_the_next_try_alone(self, conversation, time_machine):
        time_machine.move_to(LATER, tick=False)
        item = queue(conversation)
        (claim,) = claim_deliveries(now=LATER)
        record_retry(
            claim=claim,
            reason="late",
            diagnostic="",
            now=LATER,
            pause=timedelta(minutes=40),
        )

        assert follow_the_clock(now=LATER) == 0

        item.delivery.refresh_from_db()
        assert item.delivery.send_after == LATER + timedelta(minutes=40)


class TestRecordReceipt:
    def bounce(self, **fields):
        return Receipt(
            status=ReceiptStatus.BOUNCED,
            message_keys=("one@us",),
            recipient="maya@rivera.example",
            is_permanent=True,
            reason="The mailbox does not exist.",
            **fields,
        )

    def sent(self, conversation):
        item = queue(conversation)
        (claim,) = claim_deliveries(now=LATER)
        record_sent(claim=claim, result=taken("one@us"), now=LATER)
        return item

    def test_hangs_a_bounce_on_the_message_that_bounced(self, conversation):
        item = self.sent(conversation)

        found = record_receipt(receipt=self.bounce())

        item.delivery.refresh_from_db()
        assert found == item
        assert item.delivery.state == DeliveryState.BOUNCED
        assert item.delivery.reason == "The mailbox does not exist."

    def test_calls_a_temporary_report_a_delay(self, conversation):
        item = self.sent(conversation)

        record_receipt(
            receipt=Receipt(
                status=ReceiptStatus.BOUNCED,
                message_keys=("one@us",),
                reason="Their mailbox is full.",
            )
        )

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.DEFERRED

    def test_does_not_let_a_late_word_hide_a_bounce(self, conversation):
        item = self.sent(conversation)
        record_receipt(receipt=self.bounce())

        record_receipt(
            receipt=Receipt(status=ReceiptStatus.DELIVERED, message_keys=("one@us",))
        )

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.BOUNCED

    def test_knows_nothing_of_other_peoples_messages(self, conversation):
        self.sent(conversation)

        receipt = Receipt(status=ReceiptStatus.BOUNCED, message_keys=("x@elsewhere",))

        assert record_receipt(receipt=receipt) is None
