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
from helpdesk.rehearsal.chaos.mailers import Correspondence
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
    def delivery(self, state, key="k@us"):
        item = TimelineItemFactory(outbound=True)
        return Delivery.objects.create(
            item=item,
            conversation=item.conversation,
            channel=item.channel,
            state=state,
            provider_message_id=key,
        )

    @pytest.mark.parametrize(
        ("state", "copies", "lost", "duplicated"),
        [
            (DeliveryState.SENT, 1, 0, 0),
            (DeliveryState.SENT, 0, 1, 0),
            (DeliveryState.SENT, 2, 0, 1),
            (DeliveryState.FAILED, 0, 0, 0),
            (DeliveryState.QUEUED, 0, 1, 0),
        ],
    )
    def test_compares_the_desk_with_the_world(self, state, copies, lost, duplicated):
        delivery = self.delivery(state)
        books = ledger()

        count_outbound(books, Counter({"k@us": copies}), item_ids=[delivery.pk])

        assert (books.lost, books.duplicated) == (lost, duplicated)

    def test_names_what_nobody_knows(self):
        delivery = self.delivery(DeliveryState.UNCONFIRMED)
        books = ledger()

        count_outbound(books, Counter(), item_ids=[delivery.pk])

        assert (books.unconfirmed, books.lost) == (1, 0)


class TestReport:
    def test_shows_every_figure(self):
        assert "reordered" in report([ledger()])
