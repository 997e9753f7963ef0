import json
import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from helpdesk.chat.actions.forgetting import forget_visitor
from helpdesk.chat.models import Visitor
from inbox.models import (
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Draft,
    Participant,
    Upload,
)
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    IdentityFactory,
    TimelineItemFactory,
    VisitorFactory,
)


@pytest.fixture
def visitor(db):
    return VisitorFactory(customer__name="Maya Rivera")


@pytest.fixture
def mailbox(visitor):
    return ChannelFactory(brand=visitor.channel.brand)


@pytest.fixture
def chat(visitor, mailbox):
    conversation = ConversationFactory(
        channel=visitor.channel, identity=visitor.identity, is_chat=True
    )
    Participant.objects.create(
        conversation=conversation,
        identity=visitor.identity,
        role=ParticipantRole.CUSTOMER,
    )
    TimelineItemFactory(conversation=conversation)
    return conversation


def words(conversation, **changes):
    return {
        "mode": "chat",
        "html": "<p>It is <b>on its way</b>.</p>",
        "client_id": str(uuid.uuid4()),
        "seen_seq": conversation.last_seq,
        **changes,
    }


def url_of(conversation, name="reply"):
    return reverse(f"inbox:{name}", args=[conversation.pk])


def answer_of(conversation):
    return conversation.items.get(direction=2)


class TestChosenReply:
    def test_by_chat_is_there_at_once(self, part, chat, visitor):
        response = part.post(url_of(chat), words(chat))

        item = answer_of(chat)
        assert response.status_code == 200
        assert item.channel == visitor.channel
        assert item.delivery.state == DeliveryState.SENT
        assert item.detail.to[0]["handle"] == visitor.identity.value
        assert item.subject == ""

    def test_by_chat_ignores_addresses_that_wait_for_a_mail(self, part, chat):
        part.post(url_of(chat), words(chat, to="maya@rivera.example", subject="Hi"))

        item = answer_of(chat)
        assert [len(people) for people in (item.detail.to, item.detail.cc)] == [1, 0]
        assert "maya@rivera.example" not in str(item.detail.to)
        assert item.subject == ""

    def test_by_chat_lets_nobody_in(self, part, chat):
        part.post(url_of(chat), words(chat))

        assert Participant.objects.filter(conversation=chat).count() == 1

    def test_by_mail_leaves_by_the_brands_mailbox(self, part, chat, mailbox):
        part.post(url_of(chat), words(chat, mode="reply", to="maya@rivera.example"))

        item = answer_of(chat)
        assert item.channel == mailbox
        assert item.delivery.state == DeliveryState.HELD
        assert item.detail.to == [{"name": "", "handle": "maya@rivera.example"}]

    def test_leaves_the_conversation_a_chat(self, part, chat, visitor):
        part.post(url_of(chat), words(chat, mode="reply", to="maya@rivera.example"))

        chat.refresh_from_db()
        assert chat.channel == visitor.channel
        assert chat.is_chat

    def test_to_a_claimed_address_makes_it_nobodys_identity_of_theirs(
        self, part, chat, visitor
    ):
        chat.claims = {"email": "maya@rivera.example"}
        chat.save()

        part.post(
            url_of(chat), words(chat, mode="reply-claimed", to="maya@rivera.example")
        )

        customer = visitor.identity.customer
        assert [it.kind for it in customer.identities.all()] == ["chat"]
        assert answer_of(chat).payload["way"] == "reply-claimed"

    def test_is_refused_where_the_chat_was_switched_off(self, part, chat, visitor):
        visitor.channel.is_active = False
        visitor.channel.save()

        response = part.post(url_of(chat), words(chat))

        assert response.status_code == 422
        assert "Answer by email" in response.content.decode()
        assert not Delivery.objects.exists()

    def test_is_refused_where_the_visitor_deleted_their_data(self, part, chat, visitor):
        forget_visitor(visitor_id=visitor.pk, now=timezone.now())
        chat.refresh_from_db()

        response = part.post(url_of(chat), words(chat))

        assert response.status_code == 422
        assert "nobody reads this chat any more" in response.content.decode()
        assert not chat.items.filter(direction=2).exists()

    def test_is_refused_by_chat_where_nobody_chats(self, part):
        conversation = ConversationFactory()

        response = part.post(url_of(conversation), words(conversation))

        assert response.status_code == 422

    def test_is_refused_by_mail_without_a_mailbox(self, part, chat, mailbox):
        mailbox.delete()

        response = part.post(
            url_of(chat), words(chat, mode="reply", to="maya@rivera.example")
        )

        assert response.status_code == 422
        assert "no mailbox" in response.content.decode()

    def test_holds_no_more_than_a_chat_carries(self, part, chat):
        response = part.post(url_of(chat), words(chat, html="", text="a" * 10_001))

        assert response.status_code == 422
        assert "10000" in response.content.decode()

    def test_carries_no_larger_files_than_a_chat_takes(self, part, chat, agent):
        upload = Upload.objects.create(
            conversation=chat,
            agent=agent,
            name="film.mp4",
            size=10 * 1024 * 1024 + 1,
            stored_name="film",
        )

        response = part.post(url_of(chat), words(chat, upload=str(upload.public_id)))

        assert response.status_code == 422
        assert "10.0" in response.content.decode()

    @pytest.mark.parametrize("mode", ["chat-", "reply-x", "sms", "chat-1 OR 1"])
    def test_knows_no_other_ways(self, part, chat, mode):
        response = part.post(url_of(chat), words(chat, mode=mode))

        assert response.status_code == 422


@pytest.fixture
def composer(part, chat):
    """What the browser posts of a composer that was just drawn."""

    def drawn(conversation=chat, **changes):
        page = part.get(url_of(conversation, "conversation")).content.decode()
        stamp = re.search(r'data-ways="(\w*)"', page)[1]
        return words(conversation, ways=stamp, **changes)

    return drawn


def sent(response):
    return json.loads(response["HX-Trigger"])["composer:sent"]


class TestComposerThatStays:
    def test_is_told_only_what_is_new(self, part, chat, composer):
        response = part.post(url_of(chat), composer())

        item = answer_of(chat)
        assert (response.status_code, response.content) == (204, b"")
        assert sent(response)["seen_seq"] == item.seq
        assert sent(response)["client_id"] != str(item.client_id)
        changed = json.loads(response["HX-Trigger"])["conversation:changed"]
        assert changed == {"target": "body", "id": chat.pk}
        assert "no-store" in response["Cache-Control"]

    def test_writes_line_after_line(self, part, chat, composer):
        data = composer()
        for number in range(3):
            response = part.post(url_of(chat), data | {"html": f"<p>{number}</p>"})
            assert response.status_code == 204
            data |= sent(response)

        answers = chat.items.filter(direction=2).order_by("seq")
        assert [it.text for it in answers] == ["0", "1", "2"]

    def test_is_told_the_same_of_a_line_that_came_twice(self, part, chat, composer):
        data = composer()

        first, again = part.post(url_of(chat), data), part.post(url_of(chat), data)

        assert sent(first)["seen_seq"] == sent(again)["seen_seq"] == answer_of(chat).seq

    def test_is_refused_as_ever(self, part, chat, composer):
        data = composer()
        TimelineItemFactory(conversation=chat, text="One more thing")

        response = part.post(url_of(chat), data)

        assert response.status_code == 409
        assert "One more thing" in response.content.decode()

    def test_stays_only_if_it_says_what_it_offers(self, part, chat):
        response = part.post(url_of(chat), words(chat))

        assert response.status_code == 200
        assert 'id="composer"' in response.content.decode()

    @pytest.mark.parametrize("mode", ["note", "reply"])
    def test_does_not_stay_after_anything_but_a_chat(self, part, chat, composer, mode):
        data = composer(mode=mode, to="maya@rivera.example")

        assert part.post(url_of(chat), data).status_code == 200

    def test_does_not_stay_after_files(self, part, chat, composer, agent):
        upload = Upload.objects.create(
            conversation=chat, agent=agent, name="a.pdf", size=1, stored_name="a"
        )

        response = part.post(url_of(chat), composer(upload=str(upload.public_id)))

        assert response.status_code == 200
        assert answer_of(chat).attachments.count() == 1

    @pytest.mark.parametrize(
        "happen",
        [
            lambda chat: IdentityFactory(customer=chat.customer),
            lambda chat: Customer.objects.update(name="Maya Okafor"),
            lambda chat: Conversation.objects.update(claims={"email": "a@b.example"}),
            lambda chat: Conversation.objects.update(subject="A tent"),
            lambda chat: Visitor.objects.update(
                page={"url": "https://shop.example/"},
                last_seen_at=timezone.now() - timedelta(minutes=5),
            ),
            lambda chat: Participant.objects.create(
                conversation=chat, identity=IdentityFactory(), role="stranger"
            ),
        ],
        ids=["address", "name", "claim", "subject", "gone", "stranger"],
    )
    def test_is_drawn_anew_when_it_would_say_something_else(
        self, part, chat, composer, happen
    ):
        Conversation.objects.update(waiting_since=None)
        data = composer()
        happen(chat)

        response = part.post(url_of(chat), data)

        assert response.status_code == 200
        assert 'id="composer"' in response.content.decode()

    def test_is_drawn_anew_when_it_offers_something_else(self, part, chat, composer):
        data = composer()
        IdentityFactory(customer=chat.customer, value="maya@rivera.example")

        page = part.post(url_of(chat), data).content.decode()

        assert "maya@rivera.example" in page

    def test_is_drawn_anew_when_there_is_a_mailbox_at_last(
        self, part, chat, composer, mailbox
    ):
        Channel.objects.filter(pk=mailbox.pk).update(is_active=False)
        data = composer()
        data |= sent(part.post(url_of(chat), data))
        Channel.objects.filter(pk=mailbox.pk).update(is_active=True)

        page = part.post(url_of(chat), data).content.decode()

        assert 'id="composer"' in page
        assert "has no mailbox" not in page

    def test_costs_few_statements(
        self, part, chat, composer, django_assert_max_num_queries
    ):
        data = composer()
        data |= sent(part.post(url_of(chat), data))

        # Two are the savepoint of a test; one makes a first visitor the chat's own.
        with django_assert_max_num_queries(19):
            assert part.post(url_of(chat), data).status_code == 204


class TestComposer:
    def test_begins_by_chat_and_says_why(self, part, chat):
        page = part.get(url_of(chat, "conversation")).content.decode()

        assert "Answering where Maya last wrote, by chat" in page
        assert 'class="is-chat"' in page

    def test_offers_no_chat_to_whoever_deleted_their_data(self, part, chat, visitor):
        forget_visitor(visitor_id=visitor.pk, now=timezone.now())

        page = part.get(url_of(chat, "conversation")).content.decode()

        assert "deleted their data: nobody reads this chat any more" in page
        assert 'class="is-note"' in page

    def test_offers_email_with_the_reason_why_not(self, part, chat):
        page = part.get(url_of(chat, "conversation")).content.decode()

        assert "No mail address of Maya is known" in page

    def test_says_that_a_claimed_address_is_not_proven(self, part, chat):
        chat.claims = {"email": "maya@rivera.example"}
        chat.save()

        page = part.get(url_of(chat, "conversation")).content.decode()

        assert "Not proven: typed by the visitor" in page
        assert "Says: maya@rivera.example (not proven)" in page

    def test_remembers_the_way_in_the_draft(self, part, chat, visitor):
        chat.claims = {"email": "maya@rivera.example"}
        chat.save()
        IdentityFactory(customer=visitor.identity.customer)

        part.post(url_of(chat, "draft"), words(chat, mode="reply-claimed"))
        page = part.get(url_of(chat, "conversation")).content.decode()

        assert Draft.objects.get().way == "reply-claimed"
        chosen = page[: page.index("checked")].rindex('value="')
        assert page[chosen:].startswith('value="reply-claimed"')

    def test_takes_the_same_statements_for_mail_as_ever(
        self, part, django_assert_num_queries
    ):
        conversation = ConversationFactory()
        TimelineItemFactory(conversation=conversation)
        part.get(url_of(conversation, "conversation"))

        with django_assert_num_queries(15):
            part.get(url_of(conversation, "conversation"))

    def test_takes_the_same_statements_however_long_a_chat_is(
        self, part, chat, django_assert_num_queries
    ):
        part.get(url_of(chat, "conversation"))
        with django_assert_num_queries(19):
            part.get(url_of(chat, "conversation"))
        for _ in range(5):
            TimelineItemFactory(conversation=chat)

        with django_assert_num_queries(19):
            part.get(url_of(chat, "conversation"))
