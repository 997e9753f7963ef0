from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.accounts.models import Sight
from inbox.actions.indexing import index_pending
from inbox.models import Attachment, MessageDetail, SearchPending
from inbox.queries import search as search_module
from inbox.queries.search import search, terms_of, windows
from tests.factories import (
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)


def said(text="", **fields):
    """One message that can be found."""
    item = TimelineItemFactory(text=text, **fields)
    SearchPending.objects.create(item=item)
    index_pending()
    return item


def hits(query, agent=None, **options):
    agent = agent or UserFactory(admin=True)
    return [item.pk for item in search(query=query, agent=agent, **options).items]


class TestWindows:
    @pytest.mark.parametrize(
        ("everything", "hits", "expected"),
        [
            (2_000_000, 40_000, [3_000, 12_000, 48_000, 192_000]),
            (2_000_000, 400_000, [2_000 * 4**power for power in range(6)]),
            (2_000_000, 11_000, [10_909, 43_636]),
            (2_000_000, 10_000, [2_000]),
            (2_000_000, 3_000, []),
            (2_000_000, 1, []),
            (2_000_000, 0, []),
            (500, 1, []),
            (500, 400, [2_000]),
            (0, 0, [2_000]),
        ],
    )
    def test_are_as_wide_as_the_words_are_rare(self, everything, hits, expected):
        assert windows(everything=everything, hits=hits) == expected


class TestSearch:
    def test_finds_words_in_any_order_without_case_or_accents(self):
        item = said("Die Rechnung für das Fahrrad ist doppelt. Café RÉSUMÉ")

        for query in ("fahrrad rechnung", "RECHNUNG", "cafe", "resume", "résumé"):
            assert hits(query) == [item.pk], query

    def test_finds_what_the_last_word_begins(self):
        item = said("My tracking number is wrong")

        assert hits("track") == [item.pk]
        assert hits("track ") == []

    def test_finds_people_addresses_subjects_and_file_names(self):
        customer = CustomerFactory(name="Maya Rivera")
        identity = IdentityFactory(customer=customer, value="maya@rivera.example")
        conversation = ConversationFactory(identity=identity, subject="Order #1047")
        item = TimelineItemFactory(conversation=conversation, text="Hello")
        MessageDetail.objects.filter(pk=item.pk).update(
            to=[{"name": "Front Desk", "handle": "front@shop.example"}]
        )
        Attachment.objects.create(item=item, name="Kaufbeleg.pdf", stored_name="x")
        SearchPending.objects.create(item=item)
        index_pending()

        for query in (
            "rivera",
            "maya@rivera.example",
            "1047",
            "front@shop.example",
            "kaufbeleg",
            "kaufbeleg.pdf",
        ):
            assert hits(query) == [item.pk], query

    def test_finds_chinese_japanese_and_korean_text(self):
        chinese = said("你好 我的订单还没有收到退款 请帮我查一下")
        japanese = said("注文の返金をお願いします")
        korean = said("환불이 아직 안 됐어요")

        assert hits("退款") == [chinese.pk]
        assert hits("返金をお願い") == [japanese.pk]
        assert hits("환불이") == [korean.pk]

    def test_does_not_take_scattered_pairs_for_a_phrase(self):
        said("天気 気温")

        # Both pairs are there, the three characters in a row are not.
        assert hits("天気温") == []

    def test_needs_every_word_in_whatever_script(self):
        both = said("Refund 退款 please")
        said("退款")
        said("Refund please")

        assert hits("refund 退款") == [both.pk]

    def test_has_no_time_limit(self):
        old = said("Zanzibar", occurred_at=NOON - timedelta(days=5000))

        assert hits("zanzibar") == [old.pk]

    def test_finds_a_rare_word_beyond_the_newest_window(self, monkeypatch):
        old = said("Zanzibar", occurred_at=NOON - timedelta(days=2))
        for n in range(5):
            said("Madagascar", occurred_at=NOON + timedelta(minutes=n))
        monkeypatch.setattr(search_module, "windows", lambda **_: [3])

        assert hits("zanzibar") == [old.pk]
        assert len(hits("madagascar")) == 5

    def test_reads_older_windows_until_a_page_is_full(self, monkeypatch):
        monkeypatch.setattr(search_module, "PAGE", 3)
        monkeypatch.setattr(search_module, "windows", lambda **_: [2, 3, 50])
        texts = ["parcel", "lamp", "parcel", "lamp", "parcel", "parcel", "parcel"]
        made = [said(text, occurred_at=NOON) for text in texts]
        parcels = [item.pk for item in made if item.text == "parcel"][::-1]
        agent = UserFactory(admin=True)

        first = search(query="parcel", agent=agent)
        second = search(query="parcel", agent=agent, after=first.next)

        assert [item.pk for item in first.items] == parcels[:3]
        assert [item.pk for item in second.items] == parcels[3:]
        assert second.next is None

    def test_goes_on_where_a_page_ended_even_at_equal_times(self, monkeypatch):
        monkeypatch.setattr(search_module, "PAGE", 2)
        agent = UserFactory(admin=True)
        made = [said("parcel", occurred_at=NOON).pk for _ in range(5)]

        found, after = [], None
        while True:
            page = search(query="parcel", agent=agent, after=after)
            found += [item.pk for item in page.items]
            after = page.next
            if after is None:
                break

        assert found == made[::-1]

    def test_shows_a_conversation_once_on_a_page(self):
        conversation = ConversationFactory()
        said("parcel", conversation=conversation, occurred_at=NOON)
        newest = said(
            "parcel", conversation=conversation, occurred_at=NOON + timedelta(hours=1)
        )

        assert hits("parcel") == [newest.pk]

    @pytest.mark.parametrize("sight", [Sight.ALL, Sight.TEAMS, Sight.ASSIGNED])
    def test_hides_what_the_agent_may_not_see(self, sight):
        agent, hidden_team = UserFactory(sight=sight), TeamFactory(is_private=True)
        said("parcel", conversation=ConversationFactory(team=hidden_team))
        own = said("parcel", conversation=ConversationFactory(assignee=agent))

        assert hits("parcel", agent) == [own.pk]

    def test_searches_an_agent_with_much_to_see_by_the_index(self, monkeypatch):
        monkeypatch.setattr(search_module, "FEW", 1)
        agent, hidden_team = UserFactory(sight=Sight.TEAMS), TeamFactory()
        said("parcel", conversation=ConversationFactory(team=hidden_team))
        seen = {said("parcel", conversation=ConversationFactory()).pk for _ in "12"}

        assert set(hits("parcel", agent)) == seen

    def test_shows_nothing_to_somebody_who_left(self):
        said("parcel")

        assert hits("parcel", UserFactory(admin=True, is_active=False)) == []

    @pytest.mark.parametrize(
        "query",
        [
            *("", "   ", "!!!", "'", "\\", "'; DROP TABLE x--", "a & b | !c", "%"),
            *("\0", "((", "x" * 5000, "'退'款:*", "<->", ":*"),
        ],
    )
    def test_survives_whatever_is_typed(self, query):
        said("parcel")

        assert hits(query) == []


class TestTermsOf:
    def test_bounds_how_much_is_asked(self):
        terms = terms_of(" ".join(f"word{n}" for n in range(100)))

        assert terms.words.count("&") == search_module.MOST_TERMS - 1
