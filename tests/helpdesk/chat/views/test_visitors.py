import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.chat.attendance import note_arrival, passer_key, visitor_key
from helpdesk.chat.pages import Page
from helpdesk.core.doorbell import valkey
from tests.factories.accounts import TeamFactory, UserFactory
from tests.helpdesk.chat.chats import chat, visitor_of

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGE = Page(title="<b>Tents</b>", url="https://shop.example/tents")


@pytest.fixture
def desk(client):
    for key in valkey().scan_iter("site:*"):
        valkey().delete(key)
    client.force_login(UserFactory())
    return client


def come(channel, key, page=PAGE):
    note_arrival(channel_id=channel.pk, key=key, page=page, now=timezone.now())


class TestVisitors:
    def test_says_when_nobody_is_there(self, desk):
        page = desk.get(reverse("visitors:list")).content.decode()

        assert "Nobody is on the site right now" in page

    def test_lists_known_and_unknown_with_their_conversation(self, desk):
        conversation = chat()
        come(conversation.channel, visitor_key(visitor_of(conversation).pk))
        come(conversation.channel, passer_key("somebody-else"))

        page = desk.get(reverse("visitors:list")).content.decode()

        assert conversation.customer.name in page
        assert reverse("inbox:conversation", args=[conversation.pk]) in page
        assert page.count("&lt;b&gt;Tents&lt;/b&gt;") == 2
        assert "Visitor" in page

    def test_names_nobody_whom_the_agent_may_not_see(self, desk):
        conversation = chat()
        conversation.team = TeamFactory(is_private=True)
        conversation.save()
        come(conversation.channel, visitor_key(visitor_of(conversation).pk))

        page = desk.get(reverse("visitors:list")).content.decode()

        assert conversation.customer.name not in page
        assert reverse("inbox:conversation", args=[conversation.pk]) not in page

    def test_is_in_the_navigation_while_a_widget_is_in_use(self, desk):
        link = f'href="{reverse("visitors:list")}"'
        page = desk.get(reverse("inbox:queue", args=["all"])).content.decode()
        assert link not in page

        chat()

        page = desk.get(reverse("inbox:queue", args=["all"])).content.decode()
        assert link in page
        page = desk.get(reverse("visitors:list")).content.decode()
        assert 'aria-current="page"' in page.partition(link)[2].partition("</a>")[0]

    def test_is_for_agents_only(self, client):
        assert client.get(reverse("visitors:list")).status_code == 302


class TestPresence:
    def test_tells_where_a_customer_is(self, desk):
        conversation = chat()
        come(conversation.channel, visitor_key(visitor_of(conversation).pk))
        url = reverse("visitors:presence", args=[conversation.customer_id])

        assert "On the site now: &lt;b&gt;Tents" in desk.get(url).content.decode()
        panel = reverse("customers:panel", args=[conversation.customer_id])
        assert url in desk.get(panel, headers=FRAGMENT).content.decode()

    def test_hides_whom_the_agent_may_not_see(self, desk):
        conversation = chat()
        conversation.team = TeamFactory(is_private=True)
        conversation.save()

        url = reverse("visitors:presence", args=[conversation.customer_id])

        assert desk.get(url).status_code == 404
