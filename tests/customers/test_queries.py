import pytest
from django.db import connection

from customers.models import Customer
from customers.queries import search_people
from tests.factories import CustomerFactory, IdentityFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestSearchPeople:
    def test_finds_parts_of_names_and_handles_in_any_case(self):
        agent = UserFactory()
        maya = IdentityFactory(
            customer__name="Maya Rivera", value="m@fjord.example"
        ).customer
        CustomerFactory(name="Sam Field")

        for query in ("RIV", "maya r", "@fjord"):
            assert search_people(query=query, agent=agent) == [maya]

    @pytest.mark.parametrize("query", ["", "x", "%%", "__", "\\\\", "\0\0"])
    def test_takes_wildcards_for_letters(self, query):
        CustomerFactory(name="Maya Rivera")

        assert search_people(query=query, agent=UserFactory()) == []

    def test_leaves_out_who_became_somebody_else(self):
        kept = CustomerFactory(name="Maya Rivera")
        CustomerFactory(name="Maya Rivera", merged_into=kept)

        assert search_people(query="maya", agent=UserFactory()) == [kept]


class TestPartOf:
    def test_can_use_the_trigram_index(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

        plan = Customer.objects.filter(name__part_of="rivera").explain()

        assert "customer_name_parts" in plan
