import pytest

from channels_ingest.delivering import deliver_due
from channels_ingest.drain import drain_all
from channels_ingest.reading_pool import ReadingPool
from customers.models import Identity, IdentityKind, Proof
from helpdesk.chat.actions.continuing import continue_chats
from helpdesk.chat.queries import conversations_of, items_shown_to
from inbox.models import TimelineItem
from tests.channels_ingest.journaling import journal
from tests.factories import ConversationFactory, IdentityFactory, TimelineItemFactory
from tests.helpdesk.chat.chats import answer, chat, visitor_of
from tests.helpdesk.chat.continuing import MAYA, after, body_of, events, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(size=1) as pool:
        yield pool


class TestTheWayBack:
    def page_in_the_mail(self, server, *, path="/call-0800-now", **fields):
        conversation = chat(server=server, **fields)
        visitor = visitor_of(conversation)
        if visitor.is_proven:
            customer = visitor.identity.customer
            IdentityFactory(customer=customer, value=MAYA, proof=Proof.SIGNED)
        TimelineItemFactory(
            conversation=conversation,
            payload={"page": {"title": "Tents", "url": f"https://shop.example{path}"}},
        )
        answer(conversation)
        continue_chats(now=after(6))
        deliver_due(now=after(7))
        return read(server.mails[0])

    def test_leads_whoever_is_proven_to_the_page_they_wrote_from(self, server):
        mail = self.page_in_the_mail(server, path="/tents?basket=7", proven="42")

        place = "https://shop.example/tents"
        assert body_of(mail).rstrip().endswith(f"The chat is here: {place}")
        assert f'href="{place}"' in body_of(mail, "html")

    def test_leads_a_claimed_address_to_the_site_without_a_word_of_theirs(self, server):
        mail = self.page_in_the_mail(server)

        assert body_of(mail).rstrip().endswith("is here: https://shop.example/")
        assert "0800" not in mail.as_string()

    def test_leads_nowhere_from_a_page_elsewhere(self, server):
        mail = self.page_in_the_mail(server, path=".elsewhere.example/")

        assert "The chat is here" not in body_of(mail)
        assert "elsewhere" not in mail.as_string()


class TestAnswerByMail:
    def reply_to(self, server, *, sender, text="Thank you.", message_id="r1@rivera"):
        mail = read(server.mails[-1])
        return {
            "sender": sender,
            "to": mail["Reply-To"].addresses[0].addr_spec,
            "subject": f"Re: {mail['Subject']}",
            "message_id": message_id,
            "text": text,
            "headers": [("In-Reply-To", mail["Message-ID"])],
        }

    @pytest.mark.django_db(transaction=True)
    def test_comes_back_into_the_chat_as_no_strangers(self, server, pool):
        conversation = chat(server=server)
        visitor = visitor_of(conversation)
        answer(conversation)
        continue_chats(now=after(6))
        deliver_due(now=after(7))
        box = events(conversation)[0].channel

        journal(box, **self.reply_to(server, sender=MAYA))
        drain_all(pool=pool)

        item = TimelineItem.objects.get(text="Thank you.")
        assert item.conversation == conversation
        assert "stranger" not in item.payload
        assert item.identity.customer != visitor.identity.customer
        assert not Identity.objects.filter(
            customer=visitor.identity.customer, kind=IdentityKind.EMAIL
        ).exists()

    @pytest.mark.django_db(transaction=True)
    def test_opens_nothing_of_the_addresss_owner_to_the_visitor(self, server, pool):
        maya = IdentityFactory(value=MAYA, proof=Proof.AUTHENTICATED)
        theirs = ConversationFactory(identity=maya)
        TimelineItemFactory(conversation=theirs, text="My card ends in 4242.")
        conversation = chat(server=server)
        visitor = visitor_of(conversation)
        answer(conversation)
        continue_chats(now=after(6))
        deliver_due(now=after(7))
        box = events(conversation)[0].channel

        journal(box, **self.reply_to(server, sender=MAYA, text="Not me."))
        drain_all(pool=pool)

        shown = items_shown_to(visitor, conversation=conversation)
        assert list(conversations_of(visitor)) == [conversation]
        assert not shown.filter(text="Not me.").exists()
        assert TimelineItem.objects.get(text="Not me.").conversation == conversation

    @pytest.mark.django_db(transaction=True)
    def test_by_somebody_else_is_a_strangers(self, server, pool):
        conversation = chat(server=server)
        answer(conversation)
        continue_chats(now=after(6))
        deliver_due(now=after(7))
        box = events(conversation)[0].channel

        journal(box, **self.reply_to(server, sender="eve@elsewhere.example"))
        drain_all(pool=pool)

        item = TimelineItem.objects.get(text="Thank you.")
        assert item.conversation != conversation or item.payload["stranger"] is True

    @pytest.mark.django_db(transaction=True)
    def test_may_be_answered_by_chat_and_goes_on_again(self, server, pool):
        conversation = chat(server=server)
        answer(conversation)
        continue_chats(now=after(6))
        deliver_due(now=after(7))
        box = events(conversation)[0].channel
        journal(box, **self.reply_to(server, sender=MAYA))
        drain_all(pool=pool)

        again = answer(conversation, "You are welcome.")
        continue_chats(now=after(20))
        deliver_due(now=after(21))

        mail = read(server.mails[-1])
        assert events(conversation)[-1].payload["seqs"] == [again.seq]
        assert "You are welcome." in body_of(mail)
        assert read(server.mails[0])["Message-ID"] in mail["References"]
