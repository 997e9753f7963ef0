from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpdesk.accounts.models import User
from helpdesk.core.prepared import Prepared
from inbox.models import Conversation
from tests.factories.accounts import UserFactory
from tests.factories.inbox import ConversationFactory

pytestmark = pytest.mark.django_db


def _by_pk(*related, pk):
    return Conversation.objects.select_related(*related).filter(pk=pk)


class TestPrepared:
    def test_gives_what_the_query_gives_for_other_values(self):
        first, second = ConversationFactory(), ConversationFactory()
        find = Prepared(_by_pk)

        assert find(pk=first.pk) == [first]
        assert find(pk=second.pk) == [second]
        assert find(pk=0) == []

    def test_joins_what_the_query_joins(self, django_assert_num_queries):
        conversation = ConversationFactory()
        find = Prepared(_by_pk)

        with django_assert_num_queries(1):
            (found,) = find("customer", pk=conversation.pk)
            assert found.customer == conversation.customer

    def test_keeps_shapes_apart(self):
        conversation = ConversationFactory()
        find = Prepared(_by_pk)
        find("customer", pk=conversation.pk)

        (found,) = find("channel", pk=conversation.pk)

        assert set(found._state.fields_cache) == {"channel"}

    def test_builds_the_query_once(self):
        built = []

        def build(*, pk):
            built.append(pk)
            return Conversation.objects.filter(pk=pk)

        find = Prepared(build)
        find(pk=1)
        find(pk=2)

        assert len(built) == 1

    def test_fills_in_numbers_texts_and_moments(self):
        noor = UserFactory(email="noor@larchwood.example")
        now = timezone.now()
        find = Prepared(
            lambda *, email, before, number: User.objects.filter(
                email=email, created_at__lt=before, pk__gte=number
            )
        )
        later = now + timedelta(days=1)
        asked = {"email": noor.email, "before": later, "number": noor.pk}

        assert find(**asked) == [noor]
        assert find(**{**asked, "email": "x"}) == []
        assert find(**{**asked, "before": now - timedelta(days=1)}) == []
        assert find(**{**asked, "number": noor.pk + 1}) == []

    def test_gives_tuples_and_annotations_too(self):
        conversation = ConversationFactory(subject="Lamp")
        rows = Prepared(
            lambda *, pk: (
                Conversation.objects.filter(pk=pk)
                .annotate(again=F("subject"))
                .values_list("pk", "again", named=True)[:5]
            )
        )

        (row,) = rows(pk=conversation.pk)

        assert (row.pk, row.again) == (conversation.pk, "Lamp")

    def test_gives_nothing_where_nothing_can_match(self):
        with CaptureQueriesContext(connection) as asked:
            assert Prepared(lambda: Conversation.objects.none())() == []
        assert not asked.captured_queries

    def test_refuses_a_value_that_the_query_does_not_hold(self):
        careless = Prepared(lambda *, pk: Conversation.objects.filter(pk=1))

        with pytest.raises(TypeError, match="pk did not get into the query"):
            careless(pk=1)

    def test_runs_on_the_connection_of_each_thread(self, transactional_db):
        from concurrent.futures import ThreadPoolExecutor

        conversation = ConversationFactory()
        find = Prepared(_by_pk)
        find(pk=0)

        def elsewhere():
            try:
                return find(pk=conversation.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(elsewhere).result() == [conversation]
