import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connections

from customers.actions import (
    AlreadyMerged,
    Handle,
    MergeAlreadyUndone,
    SameCustomer,
    merge_customers,
    note_handles,
    resolve_identities,
    resolve_identity,
    undo_merge,
)
from customers.models import Customer, Identity, NotTheSame
from inbox.models import Conversation
from tests.factories.accounts import UserFactory
from tests.factories.customers import CustomerFactory, IdentityFactory
from tests.factories.inbox import ConversationFactory, TimelineItemFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def resolve(value, name=""):
    return resolve_identity(kind="email", value=value, name=name, now=NOW)


class TestResolveIdentity:
    def test_knows_a_handle_again(self):
        assert resolve("maya@rivera.example") == resolve("maya@rivera.example")
        assert Customer.objects.count() == 1

    def test_learns_a_name_that_was_missing(self):
        resolve("maya@rivera.example")

        identity = resolve("maya@rivera.example", name="Maya Rivera")

        assert identity.customer.name == "Maya Rivera"

    def test_keeps_the_name_it_learned_first(self):
        resolve("maya@rivera.example", name="Maya Rivera")

        identity = resolve("maya@rivera.example", name="Somebody Else")

        assert identity.customer.name == "Maya Rivera"

    def test_calls_whoever_writes_by_chat_without_a_name_a_visitor(self):
        identity = resolve_identity(
            kind="chat", value="visitor:7", scope="channel:7", now=NOW
        )

        assert identity.customer.display_name == "Visitor"
        assert resolve("maya@rivera.example").customer.display_name == "Unknown person"


class TestResolveIdentities:
    def test_makes_each_handle_once_and_takes_a_name_where_there_is_one(self):
        handles = [
            Handle(kind="email", value="maya@people.example"),
            Handle(kind="email", value="sam@people.example", name="Sam"),
            Handle(kind="email", value="maya@people.example", name="Maya"),
        ]

        found = resolve_identities(handles=handles, now=NOW)

        assert len(found) == Identity.objects.count() == Customer.objects.count() == 2
        assert found[handles[0].key].customer.name == "Maya"

    def test_finds_those_known_and_makes_the_others(self):
        known = IdentityFactory(value="maya@people.example")
        handles = [
            Handle(kind="email", value=value)
            for value in ("maya@people.example", "sam@people.example")
        ]

        found = resolve_identities(handles=handles, now=NOW)

        assert found[handles[0].key] == known
        assert Customer.objects.count() == 2

    def test_keeps_scopes_apart(self):
        handles = [
            Handle(kind="chat", value="1", scope=scope) for scope in ("one", "two")
        ]

        found = resolve_identities(handles=handles, now=NOW)

        assert len({identity.pk for identity in found.values()}) == 2


@pytest.mark.django_db(transaction=True)
class TestResolveIdentitiesConcurrently:
    def test_makes_nobody_twice_and_leaves_nobody_without_a_handle(self):
        handles = [Handle(kind="email", value=f"p{n}@x.example") for n in range(20)]
        start = threading.Barrier(8)

        def resolve(order):
            start.wait(30)
            try:
                return resolve_identities(handles=order, now=NOW)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(resolve, [handles, handles[::-1]] * 4))

        assert Identity.objects.count() == Customer.objects.count() == 20
        assert all(set(result) == {each.key for each in handles} for result in results)


def chat_handle():
    handle = f"visitor:{Identity.objects.count()}"
    return resolve_identity(kind="chat", value=handle, scope="channel:7", now=NOW)


def name_of(customer):
    return Customer.objects.get(pk=customer.pk).display_name


def merge(kept, absorbed, actor=None):
    return merge_customers(
        kept_id=kept.pk, absorbed_id=absorbed.pk, actor=actor, reasons=["same name"]
    )


class TestMergeCustomers:
    def test_moves_handles_topics_and_messages(self):
        kept = CustomerFactory()
        item = TimelineItemFactory()
        absorbed = item.customer

        merge(kept, absorbed)

        item.refresh_from_db()
        assert item.customer == kept
        assert Conversation.objects.get().customer == kept
        assert Identity.objects.get(pk=item.identity_id).customer == kept

    def test_fills_in_only_what_is_missing(self):
        kept = CustomerFactory(name="Maya", company="")
        absorbed = CustomerFactory(name="M. Rivera", company="Rivera & Co")

        merge(kept, absorbed)

        kept.refresh_from_db()
        assert (kept.name, kept.company) == ("Maya", "Rivera & Co")

    def test_refuses_to_merge_somebody_with_themselves(self):
        customer = CustomerFactory()

        with pytest.raises(SameCustomer):
            merge(customer, customer)

    def test_refuses_somebody_who_was_merged_away(self):
        kept, absorbed = CustomerFactory(), CustomerFactory()
        merge(kept, absorbed)

        with pytest.raises(AlreadyMerged):
            merge(CustomerFactory(), absorbed)

    def test_a_visitor_with_a_known_address_is_no_mere_visitor(self):
        visitor, address = chat_handle(), IdentityFactory(customer__name="")

        merged = merge(visitor.customer, address.customer)

        assert name_of(visitor.customer) == "Unknown person"
        undo_merge(merge_id=merged.pk, actor=None)
        assert name_of(visitor.customer) == "Visitor"
        assert name_of(address.customer) == "Unknown person"

    def test_two_visitors_are_a_visitor(self):
        one, other = chat_handle(), chat_handle()

        merge(one.customer, other.customer)

        assert name_of(one.customer) == "Visitor"


class TestNoteHandles:
    def test_sees_what_came_and_what_went(self):
        customer = chat_handle().customer
        address = IdentityFactory(customer=customer)

        note_handles(customer_ids=[customer.pk])
        assert name_of(customer) == "Unknown person"

        address.delete()
        note_handles(customer_ids=[customer.pk])
        assert name_of(customer) == "Visitor"


class TestUndoMerge:
    def test_gives_everything_back(self):
        kept = CustomerFactory(company="")
        item = TimelineItemFactory(customer__company="Rivera & Co")
        absorbed = item.customer
        done = merge(kept, absorbed)

        undo_merge(merge_id=done.pk, actor=UserFactory())

        item.refresh_from_db()
        kept.refresh_from_db()
        absorbed.refresh_from_db()
        assert item.customer == absorbed
        assert Identity.objects.get(pk=item.identity_id).customer == absorbed
        assert kept.company == ""
        assert absorbed.merged_into is None

    def test_gives_back_what_the_handle_wrote_since(self):
        kept = CustomerFactory()
        identity = IdentityFactory()
        done = merge(kept, identity.customer)
        since = ConversationFactory(identity=identity, customer=kept)
        TimelineItemFactory(conversation=since, customer=kept)

        undo_merge(merge_id=done.pk, actor=None)

        since.refresh_from_db()
        assert since.customer_id == identity.customer_id
        assert since.items.get().customer_id == identity.customer_id

    def test_leaves_what_was_never_theirs(self):
        own = TimelineItemFactory()
        done = merge(own.customer, CustomerFactory())

        undo_merge(merge_id=done.pk, actor=None)

        before = own.customer_id
        own.refresh_from_db()
        assert own.customer_id == before

    def test_is_done_once(self):
        done = merge(CustomerFactory(), CustomerFactory())
        undo_merge(merge_id=done.pk, actor=None)

        with pytest.raises(MergeAlreadyUndone):
            undo_merge(merge_id=done.pk, actor=None)

    def test_by_an_agent_says_that_they_are_different_people(self):
        done = merge(CustomerFactory(), CustomerFactory())

        undo_merge(merge_id=done.pk, actor=UserFactory())

        assert NotTheSame.objects.filter(
            one_id=done.kept_id, other_id=done.absorbed_id
        ).exists()

    def test_may_be_thought_better_of(self):
        done = merge(CustomerFactory(), CustomerFactory())
        undo_merge(merge_id=done.pk, actor=UserFactory())

        merge(done.kept, done.absorbed)

        assert not NotTheSame.objects.exists()
