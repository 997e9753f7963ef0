import pytest

from helpdesk.chat.actions.sessions import Claims, update_visitor
from tests.factories import VisitorFactory
from tests.helpdesk.chat.visiting import Browser

pytestmark = pytest.mark.django_db(transaction=True)
MAYA = "maya@rivera.example"


class TestPassOnClaims:
    def test_shows_the_agents_what_whoever_writes_says_of_themselves(self):
        browser = Browser(VisitorFactory(claimed_name="Maya", claimed_email=MAYA))

        conversation = browser.begin()

        assert conversation.claims == {"name": "Maya", "email": MAYA}

    def test_follows_what_is_typed_later(self):
        browser = Browser(VisitorFactory())
        conversation = browser.begin()

        update_visitor(visitor_id=browser.visitor.pk, claims=Claims(email=MAYA))

        conversation.refresh_from_db()
        assert conversation.claims == {"email": MAYA}

    def test_is_nothing_of_whom_a_site_vouched_for(self):
        browser = Browser(VisitorFactory(proven="42", claimed_email=MAYA))

        assert browser.begin().claims == {}
