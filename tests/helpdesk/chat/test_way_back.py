import pytest

from helpdesk.chat.way_back import front_door, way_back
from tests.factories import TimelineItemFactory, VisitorFactory
from tests.helpdesk.chat.chats import chat, visitor_of

pytestmark = pytest.mark.django_db
TENTS = "https://shop.example/tents"
BELOW = ["*.shop.example"]


def write_from(conversation, url, **fields):
    visitor = visitor_of(conversation)
    return TimelineItemFactory(
        **{"conversation": conversation, "identity": visitor.identity, **fields},
        payload={"page": {"title": "Call 0800", "url": url}},
    )


def back_to(conversation):
    return way_back(visitor_of(conversation), conversation=conversation)


class TestWayBack:
    def test_is_the_page_they_last_wrote_from(self):
        conversation = chat()
        write_from(conversation, "https://shop.example/boots")
        write_from(conversation, TENTS)
        TimelineItemFactory(conversation=conversation, text="No page")

        assert back_to(conversation) == TENTS

    def test_is_none_if_no_page_is_known(self):
        assert back_to(chat()) == ""

    def test_keeps_no_secret_of_the_page(self):
        conversation = chat()
        write_from(conversation, f"{TENTS}?token=secret#access=secret")

        assert back_to(conversation) == TENTS

    def test_is_an_address_that_every_mail_can_carry(self):
        conversation = chat()
        write_from(conversation, 'https://shop.example/zelte/größe">x')

        assert back_to(conversation) == (
            "https://shop.example/zelte/gr%C3%B6%C3%9Fe%22%3Ex"
        )

    @pytest.mark.parametrize(
        "url",
        [
            "https://elsewhere.example/tents",
            "https://shop.example.elsewhere.example/",
            "https://shop.example@elsewhere.example/",
            "https://shop.example:8443/",
            "http://shop.example/tents",
            "javascript:alert(1)//shop.example/",
            "//shop.example/",
            "https://[shop.example/",
            ["https://shop.example/"],
            7,
            None,
        ],
    )
    def test_is_none_where_the_chat_may_not_stand(self, url):
        conversation = chat()
        write_from(conversation, url)

        assert back_to(conversation) == ""

    def test_is_none_where_the_chat_may_not_stand_any_more(self):
        conversation = chat()
        write_from(conversation, TENTS)
        channel = visitor_of(conversation).channel
        channel.config = {"chat": {"domains": ["other.example"]}}
        channel.save()

        assert back_to(conversation) == ""

    def test_is_not_where_somebody_else_wrote_from(self):
        conversation = chat()
        stranger = VisitorFactory(channel=conversation.channel)
        write_from(conversation, TENTS, identity=stranger.identity)

        assert back_to(conversation) == ""

    def test_is_the_own_machine_for_whoever_tries_it(self):
        conversation = chat()
        channel = visitor_of(conversation).channel
        channel.config = {"chat": {"domains": ["localhost:8000"]}}
        channel.save()
        write_from(conversation, "http://localhost:8000/shop/")

        assert back_to(conversation) == "http://localhost:8000/shop/"


class TestFrontDoor:
    @pytest.mark.parametrize("host", ["www.shop.example", "help.shop.example"])
    def test_is_below_a_domain_if_the_host_has_a_usual_name(self, host):
        assert front_door(f"https://{host}/tents", domains=BELOW) == f"https://{host}/"

    def test_is_the_named_site_of_the_domain_that_the_page_is_below(self):
        url = "https://call-0800.shop.example/tents"
        domains = ["other.example", *BELOW, "shop.example"]

        assert front_door(url, domains=domains) == "https://shop.example/"
        assert front_door(url, domains=["other.example", *BELOW]) == ""

    def test_keeps_the_port_of_the_site(self):
        domains = ["*.shop.example:8443", "shop.example:8443"]

        for host in ("www.shop.example", "shop.example"):
            door = f"https://{host}:8443/"
            assert front_door(f"{door}tents", domains=domains) == door
        elsewhere = "https://call-0800.shop.example:8443/"
        assert front_door(elsewhere, domains=domains) == "https://shop.example:8443/"

    def test_says_nothing_that_a_visitor_could_have_written(self):
        words = "https://shop.example/you-have-won-call-0800"

        assert front_door(words, domains=["shop.example"]) == "https://shop.example/"

    def test_is_none_where_a_visitor_could_name_the_host(self):
        url = "https://call-0800.shop.example/"

        assert front_door(url, domains=["*.shop.example"]) == ""
        assert front_door("https://www.call-0800.shop.example/", domains=BELOW) == ""
        assert front_door("https://callwww.shop.example/", domains=BELOW) == ""
        assert front_door("https://www.elsewhere.example/", domains=BELOW) == ""
        assert front_door("", domains=["shop.example"]) == ""
