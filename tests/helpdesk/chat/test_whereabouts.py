from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from helpdesk.chat.actions.visits import note_page
from helpdesk.chat.attendance import departure, note_arrival, visitor_key
from helpdesk.chat.pages import Page
from helpdesk.chat.whereabouts import last_seen
from helpdesk.core.doorbell import valkey
from inbox.models import Conversation
from inbox.whereabouts import left_at
from tests.factories import IdentityFactory, UserFactory, WebchatChannelFactory
from tests.helpdesk.chat.chats import chat, mailbox, visitor_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = Page(title="Tents", url="https://shop.example/tents")
EARLIER = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def empty_site(time_machine):
    time_machine.move_to(NOW, tick=False)
    for key in valkey().scan_iter("site:*"):
        valkey().delete(key)


def place_of(conversation):
    visitor = visitor_of(conversation)
    return {"channel_id": visitor.channel_id, "key": visitor_key(visitor.pk)}


def look(conversation, *, at):
    note_page(visitor_id=visitor_of(conversation).pk, page=PAGE, now=at)
    note_arrival(**place_of(conversation), page=PAGE, now=at)


def leave(conversation, *, at):
    valkey().eval(*departure(**place_of(conversation), now=at))


class TestLastSeen:
    def test_is_now_while_they_are_there(self):
        conversation = chat()
        look(conversation, at=NOW - timedelta(seconds=60))

        assert last_seen(conversation) == NOW

    def test_is_when_they_left_however_long_they_read_one_page(self):
        conversation = chat()
        look(conversation, at=NOW - EARLIER)
        left = NOW - timedelta(minutes=5)
        leave(conversation, at=left)

        assert last_seen(conversation) == left

    def test_is_their_last_word_when_nobody_saw_them_leave(self):
        conversation = chat()
        look(conversation, at=NOW - EARLIER)

        assert last_seen(conversation) == NOW - EARLIER

    def test_is_not_known_of_whoever_does_not_say_where_they_are(self):
        assert last_seen(chat()) is None

    def test_is_not_known_where_visits_are_not_tracked(self):
        box = mailbox(address="other@shop.example")
        silent = WebchatChannelFactory(brand=box.brand, chat={"tracks_visits": False})
        conversation = chat(channel=silent)
        look(conversation, at=NOW - EARLIER)

        assert last_seen(conversation) is None

    def test_takes_one_statement(self, django_assert_num_queries):
        conversation = Conversation.objects.get(pk=chat().pk)
        look(conversation, at=NOW)

        with django_assert_num_queries(1):
            last_seen(conversation)


class TestLeftAt:
    def test_asks_nothing_while_they_write(self, django_assert_num_queries):
        conversation = Conversation.objects.get(pk=chat().pk)
        look(conversation, at=NOW - EARLIER)
        assert left_at(conversation, now=NOW) is not None
        conversation.waiting_since = NOW - timedelta(seconds=100)

        with django_assert_num_queries(0):
            assert left_at(conversation, now=NOW) is None


class TestComposer:
    def test_says_that_mail_reaches_whoever_left(self, client):
        client.force_login(UserFactory())
        conversation = chat(customer__name="Maya Rivera")
        Conversation.objects.filter(pk=conversation.pk).update(is_chat=True)
        IdentityFactory(customer=conversation.customer, value="maya@rivera.example")
        look(conversation, at=NOW - EARLIER)
        leave(conversation, at=NOW - timedelta(minutes=5))

        url = reverse("inbox:conversation", args=[conversation.pk])
        page = client.get(url).content.decode().replace("\xa0", " ")

        assert "Maya left the site 5 minutes ago: by email it reaches them" in page

    def test_begins_a_sentence_about_somebody_without_a_name(self, client):
        client.force_login(UserFactory())
        conversation = chat(customer__name="")
        Conversation.objects.filter(pk=conversation.pk).update(is_chat=True)
        look(conversation, at=NOW - EARLIER)
        leave(conversation, at=NOW - timedelta(minutes=5))

        url = reverse("inbox:conversation", args=[conversation.pk])
        page = client.get(url).content.decode().replace("\xa0", " ")

        assert "The customer left the site 5 minutes ago: they find" in page
