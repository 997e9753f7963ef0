from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, models, transaction
from django.db.models import F
from django.forms import model_to_dict

from helpdesk.core.many_rows import (
    insert_instances,
    insert_rows,
    next_ids,
    update_instances,
)
from helpdesk.core.models import OutboxEvent
from inbox.models import (
    Channel,
    Conversation,
    Delivery,
    MessageDetail,
    Priority,
    TimelineItem,
)
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
TEXTS = (
    "",
    "plain",
    'it\'s 100% "quoted" \\ back \\u0000 \\n',
    "line\nfeed\ttab\r\x01\x1f\x7f\u2028",
    "Grüße, 你好, 😀, é, \ufeff\uffff",
    "%s %(name)s {curly}",
)
OLD = datetime(11, 3, 4, 5, 6, 7, 89, tzinfo=timezone(timedelta(hours=5, minutes=53)))


def values_of(**values):
    return {"kind": "kind", "subscriber": "subscriber", "payload": {}} | values


def stored_by_django(row):
    """Return what becomes of a row that Django inserts, or the error it gets."""
    return outcome(lambda: OutboxEvent.objects.bulk_create([OutboxEvent(**row)]))


def stored_together(row):
    return outcome(lambda: insert_rows(OutboxEvent, [row]))


def outcome(insert):
    try:
        with transaction.atomic():
            insert()
            stored = OutboxEvent.objects.values_list("kind", "payload", "attempts")
            found = stored.get()
            transaction.set_rollback(True)
            return found
    except (DatabaseError, ValueError, TypeError, ValidationError) as error:
        return type(error)


class TestInsertRows:
    @pytest.mark.parametrize("text", TEXTS)
    def test_keeps_every_text_as_it_is(self, text):
        payload = {"text": text, text: [text, {"deep": (text,)}]}

        insert_rows(OutboxEvent, [values_of(kind=text, payload=payload)])

        row = OutboxEvent.objects.get()
        assert row.kind == text
        assert row.payload == {"text": text, text: [text, {"deep": [text]}]}

    @pytest.mark.parametrize(
        "payload", [None, True, 0, 1.5, 10**30, "text", "", [], {}, [None, "null"]]
    )
    def test_keeps_every_sort_of_json(self, payload):
        values = values_of(payload=payload)

        assert stored_together(values) == stored_by_django(values)

    @pytest.mark.parametrize(
        "values",
        [
            {"kind": "NUL \0"},
            {"payload": {"deep": ["NUL \0"]}},
            {"kind": "half \ud83d"},
            {"payload": {"half": "\ud83d"}},
            {"payload": {"two halves": "\ud83d\ude00"}},
            {"kind": "x" * 201},
            {"kind": "x" * 200 + "  "},
            {"kind": None},
            {"payload": {"object": object()}},
            {"payload": {"moment": MOMENT}},
            {"payload": {"number": float("nan")}},
            {"attempts": 2**15},
            {"attempts": 2**70},
            {"attempts": -1},
            {"attempts": F("id")},
            {"run_at": "2026-11-22T09:30:00+00:00"},
            {"run_at": "yesterday"},
        ],
    )
    def test_does_with_odd_values_what_django_does(self, values):
        row = values_of(**values)

        assert stored_together(row) == stored_by_django(row)

    @pytest.mark.parametrize("moment", [MOMENT, OLD, datetime.max.replace(tzinfo=UTC)])
    def test_keeps_moments_to_the_microsecond(self, moment):
        insert_rows(OutboxEvent, [values_of(run_at=moment, done_at=None)])

        row = OutboxEvent.objects.get()
        assert row.run_at == moment
        assert row.done_at is None

    def test_gives_what_is_not_said_the_default(self):
        before = datetime.now(UTC)

        insert_rows(OutboxEvent, [values_of()])

        row = OutboxEvent.objects.get()
        assert (row.attempts, row.error, row.failed_at) == (0, "", None)
        assert before <= row.created_at <= datetime.now(UTC)

    def test_keeps_the_order(self):
        insert_rows(OutboxEvent, [values_of(kind=f"{n}") for n in range(100)])

        kinds = OutboxEvent.objects.order_by("id").values_list("kind", flat=True)
        assert list(kinds) == [f"{n}" for n in range(100)]

    def test_asks_nothing_for_nothing(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            insert_rows(OutboxEvent, [])
            insert_instances([])
            update_instances([])

    def test_refuses_a_table_with_fields_that_write_themselves(self):
        with pytest.raises(TypeError, match="config"):
            insert_rows(Channel, [{"name": "Mail"}])


def new_item(conversation, **values):
    return TimelineItem(
        pk=next_ids(TimelineItem, count=1)[0],
        conversation=conversation,
        customer_id=conversation.customer_id,
        kind="message",
        **{"seq": 1, "occurred_at": MOMENT} | values,
    )


class TestInsertInstances:
    def test_stores_all_that_an_instance_says(self):
        item = new_item(
            ConversationFactory(),
            text="Hello",
            payload={"why": "new"},
            client_id=uuid4(),
        )

        insert_instances([item])

        stored = TimelineItem.objects.get()
        assert model_to_dict(stored) == model_to_dict(item)
        assert (stored.public_id, stored.client_id) == (item.public_id, item.client_id)
        assert isinstance(stored.public_id, UUID)
        assert (stored.occurred_at, stored.received_at) == (MOMENT, item.received_at)
        item.text = "Changed"
        item.save()
        assert TimelineItem.objects.get().text == "Changed"

    def test_leaves_constraints_to_the_database(self):
        conversation = ConversationFactory()

        with pytest.raises(IntegrityError, match="item_seq_once"):
            insert_instances([new_item(conversation), new_item(conversation)])

    def test_stores_nothing_of_several_when_one_cannot_be(self):
        conversation = ConversationFactory()
        impossible = new_item(conversation, seq=2, text="NUL \0")

        with pytest.raises(ValueError, match="NUL"), transaction.atomic():
            insert_instances([new_item(conversation), impossible])

        assert not TimelineItem.objects.exists()


class TestInsertInstancesOfSeveralModels:
    def test_stores_rows_of_several_tables_at_once(self, django_assert_num_queries):
        item = new_item(ConversationFactory(), text="Hello")
        detail = MessageDetail(item=item, to=[{"name": "", "handle": "a@b.example"}])
        delivery = Delivery(
            item=item,
            conversation=item.conversation,
            channel_id=item.conversation.channel_id,
        )

        with django_assert_num_queries(1):
            insert_instances([item, detail, delivery])

        assert TimelineItem.objects.get().text == "Hello"
        assert MessageDetail.objects.get(pk=item.pk).to == detail.to
        assert Delivery.objects.get(pk=item.pk).state == delivery.state
        assert not item._state.adding

    def test_dates_rows_that_are_dated_when_they_are_written(self):
        item = new_item(ConversationFactory())
        delivery = Delivery(
            item=item,
            conversation=item.conversation,
            channel_id=item.conversation.channel_id,
        )
        before = datetime.now(UTC)

        insert_instances([item, delivery])
        first = Delivery.objects.get().updated_at
        update_instances([delivery])

        assert before <= first <= Delivery.objects.get().updated_at

    def test_stores_nothing_of_several_when_one_cannot_be(self):
        item = new_item(ConversationFactory())
        impossible = MessageDetail(item=item, signature="NUL \0")

        with pytest.raises(ValueError, match="NUL"), transaction.atomic():
            insert_instances([item, impossible])

        assert not TimelineItem.objects.exists()


class TestNextIds:
    def test_never_gives_a_number_twice(self):
        first = next_ids(Conversation, count=3)
        second = next_ids(Conversation, count=2)

        assert len({*first, *second, ConversationFactory().pk}) == 6


class TestUpdateInstances:
    def test_writes_every_column_of_each(self):
        parcel, invoice, other = ConversationFactory.create_batch(3)
        agent = UserFactory()
        parcel.subject, parcel.tag_ids, parcel.assignee = "It's %s 😀", [2, 7], agent
        invoice.due_at, invoice.is_unread, invoice.priority = MOMENT, True, Priority.LOW
        untouched = vars(Conversation.objects.get(pk=other.pk)).copy()

        update_instances([parcel, invoice])

        for changed in (parcel, invoice):
            stored = Conversation.objects.get(pk=changed.pk)
            assert columns_of(stored) == columns_of(changed)
        stored = vars(Conversation.objects.get(pk=other.pk))
        assert {**stored, "_state": None} == {**untouched, "_state": None}

    def test_refuses_what_a_save_refuses(self):
        conversation = ConversationFactory()
        conversation.preview = "x" * 201

        with pytest.raises(DataError):
            update_instances([conversation])

    def test_writes_what_only_django_can_write(self):
        conversation = ConversationFactory(message_count=2)
        conversation.message_count = F("message_count") + 1

        update_instances([conversation])

        assert Conversation.objects.get().message_count == 3


def columns_of(instance: models.Model):
    return {
        field.attname: getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
    }
