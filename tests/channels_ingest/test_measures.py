from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from channels_ingest.measures import deliveries, deliveries_last_hour
from inbox.models import Delivery, DeliveryState
from tests.factories import TimelineItemFactory

pytestmark = pytest.mark.django_db


def delivery(state, *, ago=timedelta()):
    item = TimelineItemFactory(outbound=True)
    made = Delivery.objects.create(
        item=item, conversation=item.conversation, channel=item.channel, state=state
    )
    Delivery.objects.filter(pk=made.pk).update(updated_at=timezone.now() - ago)


def plan_of(rows):
    """How PostgreSQL would read them if the table were too large to read it all."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


class TestDeliveries:
    def test_count_what_is_not_done_with_however_old_it_is(self):
        delivery(DeliveryState.QUEUED)
        delivery(DeliveryState.QUEUED, ago=timedelta(days=3))
        delivery(DeliveryState.UNCONFIRMED, ago=timedelta(days=3))
        delivery(DeliveryState.SENT)

        assert deliveries() == {
            "held": 0,
            "queued": 2,
            "sending": 0,
            "deferred": 0,
            "unconfirmed": 1,
        }

    def test_read_an_index_of_nothing_else(self):
        plan = plan_of(Delivery.objects.unfinished().values_list("state"))

        assert "delivery_unfinished" in plan


class TestDeliveriesLastHour:
    def test_count_what_ended_lately_by_what_became_of_it(self):
        delivery(DeliveryState.SENT)
        delivery(DeliveryState.BOUNCED, ago=timedelta(minutes=50))
        delivery(DeliveryState.BOUNCED, ago=timedelta(minutes=70))
        delivery(DeliveryState.QUEUED)

        assert deliveries_last_hour() == {
            "sent": 1,
            "delivered": 0,
            "seen": 0,
            "bounced": 1,
            "failed": 0,
            "canceled": 0,
        }

    def test_read_no_more_than_what_ended_in_that_time(self):
        lately = Delivery.objects.finished_since(timezone.now())

        assert "delivery_finished" in plan_of(lately.values_list("state"))


class TestEveryState:
    def test_is_counted_in_one_of_the_two(self):
        counted = {*deliveries(), *deliveries_last_hour()}

        assert counted == set(DeliveryState.values)
