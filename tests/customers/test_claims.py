import pytest
from django.urls import reverse

from customers.models import Customer, Identity, Proof
from tests.factories import (
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    TimelineItemFactory,
    UserFactory,
    VisitorFactory,
)

pytestmark = pytest.mark.django_db
MAYA = "maya@rivera.example"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def chat_of(visitor, **fields):
    return ConversationFactory(
        channel=visitor.channel, identity=visitor.identity, is_chat=True, **fields
    )


@pytest.fixture
def rail(client):
    client.force_login(UserFactory())

    def shown(customer):
        url = reverse("customers:panel", args=[customer.pk])
        return client.get(url, headers=FRAGMENT).content.decode()

    return shown


class TestClaimsOf:
    def test_stand_in_the_rail_as_not_proven(self, rail):
        visitor = VisitorFactory()
        chat_of(visitor, claims={"email": MAYA})

        assert f"Says: {MAYA} (not proven)" in rail(visitor.identity.customer)

    def test_suggest_whose_address_it_is_and_merge_nobody(self, rail):
        owner = IdentityFactory(value=MAYA, customer__name="Maya Rivera").customer
        TimelineItemFactory(conversation__identity=owner.identities.get())
        visitor = VisitorFactory(customer__name="M")
        chat_of(visitor, claims={"email": MAYA})
        customer = visitor.identity.customer

        page = rail(customer)

        merge = reverse("customers:merge", args=[customer.pk, owner.pk])
        words = "Maya Rivera has the address that this visitor says is theirs."
        assert words in page
        assert merge in page
        assert not Customer.objects.exclude(merged_into=None).exists()
        assert Identity.objects.get(value=MAYA).customer == owner

    def test_are_no_claims_any_more_once_the_address_is_theirs(self, rail):
        visitor = VisitorFactory()
        chat_of(visitor, claims={"email": MAYA})
        IdentityFactory(customer=visitor.identity.customer, value=MAYA)

        assert "not proven)" not in rail(visitor.identity.customer)

    def test_are_not_asked_for_of_whoever_writes_mail(
        self, rail, django_assert_num_queries
    ):
        mail = ConversationFactory()
        rail(mail.customer)

        with django_assert_num_queries(9):
            rail(mail.customer)

    def test_are_shown_as_text(self, rail):
        visitor = VisitorFactory()
        chat_of(visitor, claims={"email": "<b>x</b>@rivera.example"})

        assert "<b>x</b>" not in rail(visitor.identity.customer)


class TestShownValue:
    def test_says_of_a_chat_whether_it_is_proven(self, rail):
        anonymous, known = VisitorFactory(), VisitorFactory(proven="42")
        Identity.objects.filter(pk=known.identity_id).update(proof=Proof.SIGNED)
        chat_of(anonymous)
        chat_of(known)

        assert "Web chat · Visitor, not proven" in rail(anonymous.identity.customer)
        assert "Web chat · Signed identity" in rail(known.identity.customer)

    def test_is_the_address_itself_of_mail(self):
        identity = IdentityFactory(customer=CustomerFactory(), value=MAYA)

        assert identity.shown_value == MAYA
