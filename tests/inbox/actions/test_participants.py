import pytest

from customers.models import Identity
from inbox.actions.participants import note_claims
from inbox.models import Participant
from tests.factories.inbox import ConversationFactory

pytestmark = pytest.mark.django_db


class TestNoteClaims:
    def test_keeps_what_a_visitor_typed_and_nothing_more(self):
        conversation = ConversationFactory()

        note_claims(
            conversation_id=conversation.pk,
            name="  Maya   Rivera ",
            email=" Maya@Rivera.example",
        )

        conversation.refresh_from_db()
        assert conversation.claims == {
            "name": "Maya Rivera",
            "email": "maya@rivera.example",
        }

    def test_makes_nobody_reachable_and_lets_nobody_in(self):
        conversation = ConversationFactory()

        note_claims(conversation_id=conversation.pk, email="maya@rivera.example")

        assert not Identity.objects.filter(value="maya@rivera.example").exists()
        assert not Participant.objects.exists()

    def test_leaves_out_what_is_no_address(self):
        conversation = ConversationFactory()

        note_claims(conversation_id=conversation.pk, email="<b>not one</b>")

        conversation.refresh_from_db()
        assert conversation.claims == {}

    def test_takes_nothing_back_by_what_is_empty(self):
        conversation = ConversationFactory(claims={"email": "maya@rivera.example"})

        note_claims(conversation_id=conversation.pk, name="Maya")

        conversation.refresh_from_db()
        assert conversation.claims == {"name": "Maya", "email": "maya@rivera.example"}

    def test_announces_nothing_that_was_known(self, django_assert_num_queries):
        conversation = ConversationFactory(claims={"name": "Maya"})

        with django_assert_num_queries(3):  # the lock, in a savepoint
            note_claims(conversation_id=conversation.pk, name="Maya")
