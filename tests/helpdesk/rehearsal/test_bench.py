import json

import pytest

from customers.models import Customer, Identity
from helpdesk.rehearsal.bench.copying import copy_rows, escaped
from helpdesk.rehearsal.bench.mails import sample_mail
from helpdesk.rehearsal.bench.population import Size, populate
from helpdesk.rehearsal.bench.results import Result, percentile_95, table, write
from inbox.models import Conversation, SearchDocument, TimelineItem


class TestResult:
    @pytest.mark.parametrize(
        ("value", "goal", "at_least", "holds"),
        [
            (40, 40, False, True),
            (41, 40, False, False),
            (300, 300, True, True),
            (299, 300, True, False),
            (7, None, False, True),
        ],
    )
    def test_holds_within_its_bound(self, value, goal, at_least, holds):
        result = Result(name="x", value=value, unit="ms", goal=goal, at_least=at_least)

        assert result.holds is holds

    def test_is_written_for_programs_and_for_people(self, tmp_path):
        results = [Result(name="list_page", value=12.5, unit="ms", goal=40)]

        write(results, tmp_path / "latest.json")

        (row,) = json.loads((tmp_path / "latest.json").read_text())
        assert {"name", "value", "unit", "goal", "holds"} <= set(row)
        assert "list_page" in table(results)


def test_percentile_95_is_in_milliseconds():
    assert percentile_95([n / 1000 for n in range(1, 101)]) == pytest.approx(95, abs=1)


class TestCopyRows:
    @pytest.mark.parametrize(
        ("value", "text"),
        [(None, "\\N"), (True, "t"), ([1, 2], "{1,2}"), ("a\tb\\\n", "a\\tb\\\\\\n")],
    )
    def test_escapes_what_copy_would_misread(self, value, text):
        assert escaped(value) == text

    @pytest.mark.django_db
    def test_fills_in_the_defaults_of_the_model(self):
        copy_rows(Customer, ["id", "name"], [[7, "Maya\tRivera"]])

        customer = Customer.objects.get(pk=7)
        assert (customer.name, customer.labels) == ("Maya\tRivera", [])


@pytest.mark.django_db(transaction=True)
class TestPopulate:
    def test_makes_a_desk_of_the_size_asked_for(self):
        populate(Size(items=400, conversations=60, customers=30))

        assert TimelineItem.objects.count() == 400
        assert Conversation.objects.count() == 60
        assert Identity.objects.count() == 30
        assert SearchDocument.objects.count() == 400
        assert Conversation.objects.active().exists()


def test_sample_mails_differ_but_are_the_same_every_time():
    mails = {sample_mail(n, run=1, to="support@shop.example") for n in range(40)}

    assert len(mails) == 40
    assert sample_mail(3, run=1, to="a@b.example") == sample_mail(
        3, run=1, to="a@b.example"
    )
