from datetime import UTC, datetime

import pytest

from customers.actions import (
    AlreadyMerged,
    MergeAlreadyUndone,
    SameCustomer,
    merge_customers,
    resolve_identity,
    undo_merge,
)
from customers.models import Customer, Identity
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
