import pytest

from channels_ingest.delivering import deliver_due
from customers.models import Proof
from helpdesk.chat.actions import continuing
from helpdesk.chat.actions.continuing import continue_chats
from helpdesk.core.limits import Limit
from inbox.models import Delivery, DeliveryState
from tests.channels_ingest.adapters.email.mail_server import mail_server
from tests.factories import CustomerFactory, IdentityFactory
from tests.helpdesk.chat.chats import answer, chat, mailbox
from tests.helpdesk.chat.continuing import MAYA, after, events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]


class TestAddress:
    def test_is_the_proven_one_of_whom_the_visitor_has_proven_to_be(self):
        customer = CustomerFactory()
        IdentityFactory(customer=customer, value=MAYA, proof=Proof.AUTHENTICATED)
        conversation = chat(
            claimed="somebody@else.example", proven="42", customer=customer
        )
        answer(conversation)

        continue_chats(now=after(6))

        assert events(conversation)[0].payload["to"] == MAYA

    def test_of_a_customer_is_not_used_for_whom_nobody_has_proven_to_be(self):
        customer = CustomerFactory()
        IdentityFactory(customer=customer, value=MAYA, proof=Proof.AUTHENTICATED)
        conversation = chat(claimed="", customer=customer)
        answer(conversation)

        assert continue_chats(now=after(6)) == 0

    def test_is_the_one_an_agent_confirmed_where_none_is_claimed(self):
        customer = CustomerFactory()
        IdentityFactory(customer=customer, value=MAYA, proof=Proof.AGENT)
        conversation = chat(claimed="", customer=customer)
        answer(conversation)

        continue_chats(now=after(6))

        assert events(conversation)[0].payload["to"] == MAYA

    @pytest.mark.parametrize(
        "address", ["support@shop.example", "support+x@shop.example", "no address"]
    )
    def test_is_never_our_own_and_never_nonsense(self, address):
        conversation = chat(claimed=address)
        answer(conversation)

        assert continue_chats(now=after(6)) == 0

    def test_that_fails_is_left_out(self):
        IdentityFactory(value=MAYA, undeliverable_reason="There is no such mailbox.")
        conversation = chat()
        answer(conversation)

        assert continue_chats(now=after(6)) == 0

    def test_that_sent_a_mail_back_gets_no_other(self):
        with mail_server({MAYA: "550 5.1.1 unknown"}) as server:
            conversation = chat(server=server)
            answer(conversation, "First.")
            continue_chats(now=after(6))
            deliver_due(now=after(7))
            (event,) = events(conversation)
            Delivery.objects.filter(pk=event.pk).update(state=DeliveryState.BOUNCED)
            answer(conversation, "Second.")

            again = continue_chats(now=after(30))

        assert again == 0

    def test_that_does_not_exist_shows_on_the_event(self):
        with mail_server({MAYA: "550 5.1.1 unknown"}) as server:
            conversation = chat(server=server)
            answer(conversation)
            continue_chats(now=after(6))
            deliver_due(now=after(7))

        (event,) = events(conversation)
        assert event.delivery.state in (DeliveryState.BOUNCED, DeliveryState.FAILED)
        assert event.delivery.reason or event.delivery.failed_recipients

    def test_is_looked_for_at_the_mailbox_that_is_set(self, server):
        other = mailbox(server, address="chat@shop.example")
        conversation = chat(by_mail={"channel_id": other.pk})
        answer(conversation)

        continue_chats(now=after(6))

        assert events(conversation)[0].delivery.channel == other

    def test_of_a_stranger_is_not_flooded_by_many_chats(self, monkeypatch):
        monkeypatch.setattr(
            continuing, "TO_CLAIMED", Limit(name="test-to", count=2, seconds=60)
        )
        for number in range(3):
            answer(chat(address=f"box{number}@shop.example"))

        assert continue_chats(now=after(6)) == 2
