import random
from collections import Counter

import pytest

from channels_ingest.models import EventState
from helpdesk.rehearsal.chaos.ledger import (
    Ledger,
    count_inbound,
    count_outbound,
    count_poison,
    report,
)
from helpdesk.rehearsal.chaos.mailers import NO_ANSWER, Correspondence
from inbox.models import Delivery, DeliveryState
from tests.factories.channels_ingest import InboundEventFactory
from tests.factories.inbox import ConversationFactory, TimelineItemFactory

pytestmark = pytest.mark.django_db


def correspondence(*taken):
    return Correspondence(
        number=1, to="support@shop.example", chance=random.Random(1), taken=list(taken)
    )


def shown(conversation, *message_ids):
    for message_id in message_ids:
        TimelineItemFactory(conversation=conversation, detail__message_id=message_id)


def ledger():
    return Ledger(test="a test", size="small")


class TestCountInbound:
    def test_balances_when_everything_is_there_once_and_in_order(self):
        shown(ConversationFactory(), "a", "b")
        books = ledger()

        count_inbound(books, [correspondence("a", "b")], since=0)

        assert (books.sent, books.shown) == (2, 2)
        assert books.holds

    def test_finds_what_is_lost(self):
        shown(ConversationFactory(), "a")
        books = ledger()

        count_inbound(books, [correspondence("a", "b")], since=0)

        assert books.lost == 1
        assert not books.holds

    def test_finds_what_is_there_twice(self):
        shown(ConversationFactory(), "a")
        shown(ConversationFactory(), "a")
        books = ledger()

        count_inbound(books, [correspondence("a")], since=0)

        assert books.duplicated == 1

    def test_finds_what_stands_the_wrong_way_round(self):
        shown(ConversationFactory(), "b", "a")
        books = ledger()

        count_inbound(books, [correspondence("a", "b")], since=0)

        assert books.reordered == 1

    def test_takes_the_order_of_first_deliveries_for_the_right_one(self):
        shown(ConversationFactory(), "b", "a")
        books = ledger()

        count_inbound(books, [correspondence("b", "a")], since=0)

        assert books.reordered == 0

    def test_knows_no_order_between_servers(self):
        shown(ConversationFactory(), "b", "a")
        books = ledger()

        count_inbound(books, [correspondence("a"), correspondence("b")], since=0)

        assert books.reordered == 0

    def test_finds_mail_in_the_tray_lost_for_nothing_is_wrong_with_it(self):
        InboundEventFactory(state=EventState.QUARANTINED)
        books = ledger()

        count_inbound(books, [correspondence("a")], since=0)

        assert (books.lost, books.quarantined) == (1, 1)

    def test_names_mail_that_still_waits(self):
        InboundEventFactory()
        books = ledger()

        count_inbound(books, [], since=0)

        assert not books.holds

    @pytest.mark.parametrize(
        ("code", "door_stays_open", "holds"),
        [
            (451, True, True),
            (550, False, False),
            (NO_ANSWER, False, True),
            (NO_ANSWER, True, False),
        ],
    )
    def test_judges_how_mail_was_put_off(self, code, door_stays_open, holds):
        one = correspondence()
        one.answers[code] += 2
        books = ledger()

        count_inbound(books, [one], since=0, door_stays_open=door_stays_open)

        assert books.refused == {code: 2}
        assert books.holds is holds


class TestCountPoison:
    def test_takes_the_tray_for_a_place_where_mail_is_not_lost(self):
        shown(ConversationFactory(), "p1")
        InboundEventFactory(state=EventState.QUARANTINED)
        books = ledger()

        count_poison(books, ["p1", "p2"], since=0)

        assert books.lost == 0

    def test_finds_hostile_mail_that_is_nowhere(self):
        books = ledger()

        count_poison(books, ["p1"], since=0)

        assert books.lost == 1


class TestCountOutbound:
    def delivery(self, state, conversation=None):
        item = TimelineItemFactory(
            outbound=True, **({"conversation": conversation} if conversation else {})
        )
        return Delivery.objects.create(
            item=item,
            conversation=item.conversation,
            channel=item.channel,
            state=state,
        )

    def count(self, promised, *arrived):
        books = ledger()
        copies = Counter(arrived)
        count_outbound(books, promised, copies=copies, arrived=list(dict(copies)))
        return books

    @pytest.mark.parametrize(
        ("state", "copies", "lost", "duplicated"),
        [
            (DeliveryState.SENT, 1, 0, 0),
            (DeliveryState.SENT, 0, 1, 0),
            (DeliveryState.SENT, 2, 0, 1),
            (DeliveryState.FAILED, 0, 0, 0),
            (DeliveryState.UNCONFIRMED, 2, 0, 1),
            (DeliveryState.QUEUED, 0, 1, 0),
        ],
    )
    def test_compares_the_desk_with_the_world(self, state, copies, lost, duplicated):
        delivery = self.delivery(state)

        books = self.count({delivery.pk: "t"}, *["t"] * copies)

        assert (books.lost, books.duplicated) == (lost, duplicated)

    def test_finds_an_answer_lost_that_the_desk_forgot(self):
        books = self.count({4711: "t"})

        assert (books.answers, books.lost) == (1, 1)

    def test_names_what_nobody_knows(self):
        delivery = self.delivery(DeliveryState.UNCONFIRMED)

        books = self.count({delivery.pk: "t"})

        assert (books.unconfirmed, books.lost) == (1, 0)

    def test_does_not_let_an_answer_fail_in_silence(self):
        delivery = self.delivery(DeliveryState.FAILED)

        assert not self.count({delivery.pk: "t"}).holds

    def test_finds_answers_that_overtook_each_other(self):
        conversation = ConversationFactory()
        first = self.delivery(DeliveryState.SENT, conversation)
        second = self.delivery(DeliveryState.SENT, conversation)
        promised = {first.pk: "first", second.pk: "second"}

        assert self.count(promised, "first", "second").reordered == 0
        assert self.count(promised, "second", "first").reordered == 1


class TestLedger:
    def test_says_nothing_of_what_was_not_run(self):
        books = Ledger(test="a test", size="", not_run="no room")

        assert books.holds is None
        assert "NOT RUN: no room" in report([books])

    @pytest.mark.parametrize(
        ("seconds", "holds"), [(4.9, True), (5.1, False), (None, False)]
    )
    def test_holds_only_if_it_heals_in_time(self, seconds, holds):
        books = ledger()

        books.note_healing(seconds, within=5)

        assert books.holds is holds


class TestReport:
    def test_shows_every_figure_and_every_problem(self):
        books = ledger()
        books.problems.append("something is wrong")

        text = report([books])

        for word in ("sent", "lost", "duplicated", "reordered", "something is wrong"):
            assert word in text
