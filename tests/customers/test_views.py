import pytest
from django.urls import reverse

from customers.models import Customer, Merge, NotTheSame
from tests.factories import (
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(name="Noor Okafor"))
    return client


def url_of(name, *pks):
    return reverse(f"customers:{name}", args=pks)


def customer_with_mail(name="Maya Rivera", address="maya@rivera.example"):
    identity = IdentityFactory(customer__name=name, value=address)
    TimelineItemFactory(conversation__identity=identity)
    return identity.customer


class TestCustomerList:
    def test_goes_through_everybody_by_name_in_a_fixed_number_of_statements(
        self, desk, django_assert_num_queries
    ):
        for n in range(60):
            CustomerFactory(name="Same Name" if n < 55 else f"Zoe {n}")
        desk.get(url_of("list"))

        with django_assert_num_queries(6):
            first = desk.get(url_of("list"))
        second = desk.get(url_of("list") + first.context["next_url"], headers=FRAGMENT)

        shown = [
            row["customer"].pk
            for page in (first, second)
            for row in page.context["customers"]
        ]
        assert len(shown) == len(set(shown)) == 60
        assert b"<html" not in second.content

    def test_finds_by_name_and_address(self, desk):
        customer_with_mail()
        CustomerFactory(name="Sam Field")

        for query in ("maya", "RIVERA", "@rivera.ex"):
            page = desk.get(url_of("list"), {"q": query}).content.decode()
            assert "Maya Rivera" in page
            assert "Sam Field" not in page

    def test_hides_those_all_of_whose_conversations_are_hidden(self, desk):
        hidden = customer_with_mail(name="Hidden Person")
        hidden.conversations.update(team=TeamFactory(is_private=True))

        assert b"Hidden Person" not in desk.get(url_of("list")).content
        assert desk.get(url_of("detail", hidden.pk)).status_code == 404
        assert desk.get(url_of("panel", hidden.pk)).status_code == 404

    def test_shows_those_with_one_conversation_in_sight(self, desk):
        shared = customer_with_mail(name="Shared Person")
        ConversationFactory(
            customer=shared,
            identity=shared.identities.get(),
            team=TeamFactory(is_private=True),
        )

        assert desk.get(url_of("detail", shared.pk)).status_code == 200


class TestDetail:
    def test_writes_down_who_somebody_is(self, desk):
        customer = customer_with_mail()

        desk.post(
            url_of("detail", customer.pk),
            {"name": "Maya R.", "company": "Fjord", "public_id": "x", "merged_into": 1},
        )

        customer.refresh_from_db()
        assert (customer.name, customer.company) == ("Maya R.", "Fjord")
        assert customer.merged_into is None

    def test_says_what_the_clock_says_where_they_are(self, desk, time_machine):
        time_machine.move_to("2026-03-11 06:05:00Z", tick=False)
        customer = CustomerFactory(location="Amman", time_zone="Asia/Amman")

        page = desk.get(url_of("panel", customer.pk), headers=FRAGMENT).content.decode()

        assert "09:05 there" in page

    def test_is_marked_in_the_navigation(self, desk):
        page = desk.get(url_of("detail", CustomerFactory().pk)).content.decode()

        marked = page.partition('aria-current="page"')[0]
        assert marked.rstrip().endswith('data-hotkey="g c"')

    def test_leads_on_from_somebody_who_was_merged(self, desk):
        kept = customer_with_mail()
        merged = CustomerFactory(merged_into=kept)

        response = desk.get(url_of("detail", merged.pk))

        assert response["Location"] == url_of("detail", kept.pk)


class TestNotes:
    def test_are_kept(self, desk):
        customer = customer_with_mail()

        response = desk.post(
            url_of("notes", customer.pk), {"notes": "<b>VIP</b>"}, headers=FRAGMENT
        )

        page = desk.get(url_of("panel", customer.pk), headers=FRAGMENT).content.decode()
        assert response.status_code == 204
        assert "&lt;b&gt;VIP&lt;/b&gt;" in page


class TestMerge:
    def test_is_suggested_with_its_reason(self, desk):
        customer = customer_with_mail()
        other = customer_with_mail(name="", address="maya+shop@rivera.example")

        page = desk.get(url_of("panel", customer.pk), headers=FRAGMENT).content.decode()

        assert "maya+shop@rivera.example may be the same person" in page
        assert "arrive in the same mailbox" in page
        assert url_of("merge", customer.pk, other.pk) in page

    def test_shows_both_sides_first(self, desk):
        one, other = customer_with_mail(), customer_with_mail("Other", "o@x.example")

        page = desk.get(url_of("merge", one.pk, other.pk)).content.decode()

        assert "maya@rivera.example" in page
        assert "o@x.example" in page
        assert not Merge.objects.exists()

    def test_makes_one_of_two_and_two_of_one_again(self, desk):
        one, other = customer_with_mail(), customer_with_mail("Other", "o@x.example")

        desk.post(url_of("merge", one.pk, other.pk), {"answer": "merge"})
        merged = one.identities.count()
        merge = Merge.objects.get()
        desk.post(url_of("unmerge", one.pk, merge.pk))

        assert merged == 2
        assert one.identities.count() == 1
        assert merge.actor.name == "Noor Okafor"

    def test_never_asks_again_about_different_people(self, desk):
        customer = customer_with_mail()
        other = customer_with_mail(name="", address="maya+shop@rivera.example")

        desk.post(url_of("merge", customer.pk, other.pk), {"answer": "different"})

        assert NotTheSame.objects.count() == 1
        page = desk.get(url_of("panel", customer.pk), headers=FRAGMENT).content.decode()
        assert "may be the same person" not in page

    def test_needs_both_in_sight(self, desk):
        one, hidden = customer_with_mail(), customer_with_mail("Hidden", "h@x.example")
        hidden.conversations.update(team=TeamFactory(is_private=True))

        for pair in ((one.pk, hidden.pk), (hidden.pk, one.pk)):
            response = desk.post(url_of("merge", *pair), {"answer": "merge"})
            assert response.status_code == 404
        assert not Customer.objects.exclude(merged_into=None).exists()

    def test_undoes_only_a_merge_of_this_person(self, desk):
        one, other = customer_with_mail(), customer_with_mail("Other", "o@x.example")
        desk.post(url_of("merge", one.pk, other.pk), {"answer": "merge"})
        third = customer_with_mail("Third", "t@x.example")

        response = desk.post(url_of("unmerge", third.pk, Merge.objects.get().pk))

        assert response.status_code == 404
        assert Merge.objects.get().undone_at is None

    def test_does_not_suggest_hidden_people(self, desk):
        customer = customer_with_mail()
        hidden = customer_with_mail(name="", address="maya+secret@rivera.example")
        hidden.conversations.update(team=TeamFactory(is_private=True))

        page = desk.get(url_of("panel", customer.pk), headers=FRAGMENT).content.decode()

        assert "maya+secret" not in page
