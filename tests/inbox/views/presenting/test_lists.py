from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from inbox.models import Status
from tests.factories import ConversationFactory, VisitorFactory


def chat(*, waiting=0, **fields):
    """A chat whose visitor has been waiting for so many seconds."""
    visitor = VisitorFactory()
    return ConversationFactory(
        channel=visitor.channel,
        identity=visitor.identity,
        is_chat=True,
        waiting_since=timezone.now() - timedelta(seconds=waiting),
        **fields,
    )


@pytest.fixture
def queue(part):
    def shown(key, **parameters):
        url = reverse("inbox:conversation-list", args=[key])
        return part.get(url, parameters).content.decode()

    return shown


def row_of(page, conversation):
    start = page.index(f'id="conversation-{conversation.pk}"')
    return page[start : page.index("</li>", start)]


@pytest.mark.django_db
class TestWaitingChip:
    def test_stands_on_a_chat_nobody_has_answered_in_time(self, queue):
        conversation = chat(waiting=61)

        row = row_of(queue("chats"), conversation)

        assert 'data-after="60"' in row
        assert 'class="chip is-warn"' in row
        assert "Waiting since" in row

    def test_hides_until_the_time_is_over(self, queue):
        conversation = chat(waiting=5)

        row = row_of(queue("chats"), conversation)

        assert "data-waiting" in row
        assert "hidden>" in row

    def test_follows_the_channels_own_patience(self, queue):
        conversation = chat(waiting=61)
        conversation.channel.unanswered_seconds = 300
        conversation.channel.save()

        row = row_of(queue("chats"), conversation)

        assert 'data-after="300"' in row
        assert "hidden>" in row

    def test_is_not_for_mail(self, queue):
        mail = ConversationFactory(waiting_since=timezone.now() - timedelta(hours=1))

        assert "data-waiting" not in row_of(queue("all"), mail)

    def test_is_not_for_what_is_over(self, queue):
        closed = chat(waiting=61, status=Status.CLOSED)

        assert "data-waiting" not in row_of(queue("closed"), closed)

    def test_stands_above_the_timeline_too(self, part):
        conversation = chat(waiting=61)

        url = reverse("inbox:conversation", args=[conversation.pk])
        page = part.get(url).content.decode()

        header = page[page.index("conversation-header") : page.index("</header>")]
        assert 'data-after="60"' in header


@pytest.mark.django_db
class TestLiveChats:
    def test_shows_open_chats_alone(self, queue):
        live, mail = chat(), ConversationFactory()
        closed = chat(status=Status.CLOSED)

        page = queue("chats")

        assert f'id="conversation-{live.pk}"' in page
        assert f'id="conversation-{mail.pk}"' not in page
        assert f'id="conversation-{closed.pk}"' not in page

    def test_puts_who_waits_longest_first(self, queue):
        late, later, latest = chat(waiting=300), chat(waiting=9), chat(waiting=500)

        page = queue("chats", sort="waiting")

        places = [page.index(f'id="conversation-{it.pk}"') for it in (latest, late)]
        assert places == sorted(places)
        assert max(places) < page.index(f'id="conversation-{later.pk}"')

    def test_stands_in_the_navigation_with_its_count(self, desk):
        chat()
        chat()

        page = desk.get(reverse("inbox:queue", args=["chats"])).content.decode()

        assert "Live chats" in page
        assert 'data-hotkey="g l"' in page
        assert "Longest waiting" in page

    def test_can_be_narrowed_to_one_channel(self, queue):
        one, other = chat(), chat()

        page = queue("chats", channel=str(one.channel_id))

        assert f'id="conversation-{one.pk}"' in page
        assert f'id="conversation-{other.pk}"' not in page

    def test_says_so_while_it_is_empty(self, queue):
        assert "Nobody is chatting" in queue("chats")


@pytest.mark.django_db
class TestNameless:
    def test_is_a_visitor_in_a_chat_and_an_unknown_person_by_mail(self, queue):
        visitor, person = chat(), ConversationFactory()
        Customer.objects.update(name="")
        Customer.objects.filter(pk=visitor.customer_id).update(is_visitor=True)

        page = queue("all")

        assert "Select Visitor" in row_of(page, visitor)
        assert "Select Unknown person" in row_of(page, person)
