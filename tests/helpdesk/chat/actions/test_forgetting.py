"""A visitor deletes their data, and nothing of it is left anywhere."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from channels_ingest.ledger import check_day
from channels_ingest.models import EventState, InboundEvent
from customers.actions import merge_customers
from customers.models import Customer, Identity, Proof
from helpdesk.chat.actions.continuing import continue_chats
from helpdesk.chat.actions.forgetting import forget_visitor
from helpdesk.chat.models import ChatState, Visit, Visitor
from helpdesk.chat.tokens import TokenInvalid, visitor_of
from inbox.actions.indexing import index_pending
from inbox.models import Attachment, Kind, Participant
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ApiChannelFactory,
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    TimelineItemFactory,
    UserFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.factories.chat import bearer_of
from tests.helpdesk.chat.chats import mailbox
from tests.helpdesk.chat.continuing import after
from tests.helpdesk.chat.forgetting import (
    SECRET_WORDS,
    TEXT,
    browser_of_maya,
    every_row_with,
    forget,
)
from tests.helpdesk.chat.visiting import Browser, answer_in, note_in, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def browser():
    return browser_of_maya()


def stored_files(folder):
    return [it for it in Path(folder).rglob("*") if it.is_file()]


class TestForgetVisitor:
    def test_leaves_no_word_in_any_table(self, browser):
        conversation = browser.begin(TEXT)
        browser.post(
            f"conversations/{conversation.public_id}/rating/",
            score=1,
            comment=SECRET_WORDS,
        )
        answer_in(conversation, agent=UserFactory(), text=f"Not {SECRET_WORDS} again")
        note_in(conversation, agent=UserFactory(), text=f"Odd: {SECRET_WORDS}")
        while index_pending():
            pass
        assert "inbox_timelineitem" in every_row_with(SECRET_WORDS)
        assert every_row_with(SECRET_WORDS.encode().hex())

        forget(browser)

        assert every_row_with(SECRET_WORDS) == []
        assert every_row_with(SECRET_WORDS.encode().hex()) == []
        assert every_row_with("Okafor") == []
        assert every_row_with("maya@people.example") == []

    def test_takes_the_files_off_the_disk(self, browser, media):
        file = SimpleUploadedFile("id.pdf", b"%PDF-1.7 " + SECRET_WORDS.encode())
        browser.post_files(file, text="My passport")
        settle()
        assert len(stored_files(media)) == 1

        forget(browser)

        assert stored_files(media) == []
        assert not Attachment.objects.exists()

    def test_keeps_a_line_that_says_so(self, browser):
        conversation = browser.begin(TEXT)

        forget(browser)

        conversation.refresh_from_db()
        names = [it.payload["name"] for it in conversation.items.order_by("seq")]
        assert "forgotten" in names
        assert not conversation.is_open
        assert (conversation.subject, conversation.preview) == ("", "")
        assert (conversation.message_count, conversation.attachment_count) == (0, 0)

    def test_ends_every_token_of_theirs(self, browser):
        token = bearer_of(browser.visitor)["authorization"].removeprefix("Bearer ")

        forget(browser)

        with pytest.raises(TokenInvalid):
            visitor_of(token)

    def test_may_be_asked_for_twice(self, browser):
        conversation = browser.begin(TEXT)

        forget(browser)
        forget(browser)

        events = conversation.items.filter(payload__name="forgotten")
        assert events.count() == 1

    def test_of_nobody_does_nothing(self):
        forget_visitor(visitor_id=0, now=timezone.now())

    def test_leaves_other_visitors_of_the_channel_alone(self, browser):
        other = Browser(channel=browser.visitor.channel)
        kept = other.begin("What I wrote stays")
        browser.begin(TEXT)

        forget(browser)

        assert other.messages(kept)[0]["text"] == "What I wrote stays"
        assert InboundEvent.objects.filter(state=EventState.DONE).count() == 1

    @pytest.mark.usefixtures("own_counters")
    def test_takes_the_address_along_that_answers_went_to_by_mail(self):
        channel = WebchatChannelFactory(brand=mailbox().brand)
        address = f"{SECRET_WORDS}@people.example"
        browser = Browser(channel=channel, claimed_email=address)
        conversation = browser.begin(TEXT)
        answer_in(conversation, agent=UserFactory(), text=f"Dear {SECRET_WORDS}")
        assert continue_chats(now=after(6)) == 1

        forget(browser)

        assert every_row_with(SECRET_WORDS) == []
        assert not conversation.items.filter(kind=Kind.MESSAGE).exists()

    @pytest.mark.usefixtures("own_counters")
    def test_leaves_somebody_known_whose_address_was_claimed(self):
        channel = WebchatChannelFactory(brand=mailbox().brand)
        address = IdentityFactory(
            value="maya@people.example", last_used_at=None, customer__name="Maya"
        )
        browser = Browser(channel=channel, claimed_email=address.value)
        conversation = browser.begin(TEXT)
        answer_in(conversation, agent=UserFactory())
        assert continue_chats(now=after(6)) == 1

        forget(browser)

        address.refresh_from_db()
        assert address.customer.name == "Maya"
        assert not conversation.items.filter(kind=Kind.MESSAGE).exists()

    def test_keeps_what_agents_wrote_to_others_who_take_part(self, browser):
        conversation = browser.begin(TEXT)
        friend = IdentityFactory()
        Participant.objects.create(
            conversation=conversation, identity=friend, role=ParticipantRole.COPIED
        )
        answer_in(conversation, agent=UserFactory(), text="For both of you")

        forget(browser)

        messages = conversation.items.filter(kind=Kind.MESSAGE)
        assert [it.text for it in messages] == ["For both of you"]

    def test_of_a_known_user_reaches_all_their_devices(self):
        phone = Browser(proven="42", channel=ApiChannelFactory())
        laptop = Browser(
            VisitorFactory(
                channel=phone.visitor.channel,
                identity=phone.visitor.identity,
                is_proven=True,
            )
        )
        laptop.begin(TEXT)

        forget(phone)

        assert every_row_with(SECRET_WORDS) == []
        assert laptop.get("me/").status_code == 401
        identity = Identity.objects.get(pk=phone.visitor.identity_id)
        assert identity.value.startswith("gone:")
        assert (identity.proof, identity.verified_at) == (Proof.NONE, None)

    def test_keeps_a_customer_known_who_writes_by_mail_too(self):
        customer = CustomerFactory(name="Maya Okafor")
        mail = IdentityFactory(customer=customer, value="maya@people.example")
        by_mail = ConversationFactory(identity=mail)
        TimelineItemFactory(conversation=by_mail, text="By mail")
        browser = Browser(proven="42", customer=customer, channel=ApiChannelFactory())
        browser.begin(TEXT)

        forget(browser)

        customer.refresh_from_db()
        assert customer.name == "Maya Okafor"
        assert by_mail.items.get().text == "By mail"
        assert every_row_with(SECRET_WORDS) == []

    def test_blanks_whoever_was_merged_away_with_nothing_else(self, browser):
        stray = Customer.objects.get(pk=browser.visitor.identity.customer_id)
        Customer.objects.filter(pk=stray.pk).update(name=SECRET_WORDS)
        customer = CustomerFactory(name="Maya Okafor")
        IdentityFactory(customer=customer)
        merge_customers(
            kept_id=customer.pk, absorbed_id=stray.pk, actor=None, reasons=["test"]
        )

        forget(browser)

        stray.refresh_from_db()
        assert stray.name == ""

    def test_deletes_pages_and_facts_about_them(self, browser):
        visitor = browser.visitor
        visitor.attributes, visitor.page = {"plan": "gold"}, {"url": "/secret"}
        visitor.save()
        Visit.objects.create(visitor=visitor, pages=[{"url": "/secret"}])

        forget(browser)

        visitor.refresh_from_db()
        assert (visitor.attributes, visitor.page) == ({}, {})
        assert not Visit.objects.exists()

    def test_leaves_the_books_in_order(self, browser):
        browser.begin(TEXT)

        forget(browser)

        for book in check_day(day=timezone.now().date()):
            assert (book.difference, book.missing_items, book.damaged) == (0, 0, 0)


class TestDeletingByTheApi:
    def test_answers_with_nothing_and_lets_nobody_in_again(self, browser, client):
        browser.begin(TEXT)
        headers = bearer_of(browser.visitor)

        deleted = client.delete("/api/v1/chat/me/", headers=headers)

        assert (deleted.status_code, deleted.content) == (204, b"")
        assert client.get("/api/v1/chat/me/", headers=headers).status_code == 401
        assert Visitor.objects.get().claimed_name == ""
        assert ChatState.objects.filter(visitor__isnull=False).count() == 0

    def test_needs_a_token(self, client):
        VisitorFactory(claimed_name="Maya")

        assert client.delete("/api/v1/chat/me/").status_code == 401
        assert Visitor.objects.get().claimed_name == "Maya"
