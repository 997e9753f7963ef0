import pytest

from tests.factories import (
    InboundEventFactory,
    InboundMessageFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db


class TestFactories:
    def test_make_agents_who_can_sign_in(self):
        agent = UserFactory()

        assert agent.check_password(PASSWORD)
        assert UserFactory(admin=True).is_admin
        assert TeamFactory(members=[agent]).members.get() == agent

    def test_number_the_items_of_a_conversation_as_appending_does(self):
        first = TimelineItemFactory()
        second = TimelineItemFactory(
            conversation=first.conversation, outbound=True, detail__message_id="id"
        )

        assert (first.seq, second.seq) == (1, 2)
        assert second.detail.message_id == "id"

    def test_keep_raw_mail_as_bytes(self):
        event = InboundEventFactory()

        event.refresh_from_db()

        assert bytes(event.raw).startswith(b"From: Maya")
        assert InboundMessageFactory().own_keys
