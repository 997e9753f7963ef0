import re

import pytest
from django.urls import reverse

from inbox.actions.indexing import index_pending
from inbox.models import Attachment, SearchPending
from inbox.views.search import highlighted
from tests.factories import (
    ConversationFactory,
    IdentityFactory,
    TeamFactory,
    TimelineItemFactory,
    VisitorFactory,
)


def said(text, **fields):
    item = TimelineItemFactory(text=text, **fields)
    SearchPending.objects.create(item=item)
    index_pending()
    return item


def ask(browser, query, **more):
    return browser.get(reverse("inbox:search"), {"q": query, **more})


class TestSearchPage:
    def test_shows_hits_with_the_words_marked(self, desk):
        item = said("Where is my parcel?")

        page = ask(desk, "parcel").content.decode()

        assert "<mark>parcel</mark>" in page
        assert f"/conversations/{item.conversation_id}/#item-{item.pk}" in page

    def test_marks_hits_in_subjects_and_names(self, desk):
        said(
            "Hello",
            conversation__subject="A <b>Kayak</b>",
            conversation__identity__customer__name="Jun Kay",
        )

        page = ask(desk, "kay").content.decode()

        assert "A &lt;b&gt;<mark>Kay</mark>ak&lt;/b&gt;" in page
        assert "Jun <mark>Kay</mark>" in page

    def test_shows_which_attachment_fits_where_nothing_else_does(self, desk):
        lamp = TimelineItemFactory(text="See below")
        told = TimelineItemFactory(text="My warranty is lost")
        for item, name in ((lamp, "warranty-card.pdf"), (told, "warranty.jpg")):
            Attachment.objects.create(item=item, name=name, stored_name=name)
            SearchPending.objects.create(item=item)
        index_pending()

        page = ask(desk, "warranty").content.decode()

        assert "<mark>warranty</mark>-card.pdf" in page
        assert "jpg" not in page

    def test_finds_people_who_have_never_written(self, desk):
        IdentityFactory(value="quiet@people.example", customer__name="Quiet Person")

        page = ask(desk, "quiet@people").content.decode()

        assert "<mark>Quiet</mark> Person" in page

    def test_says_who_wrote_by_chat_without_a_name(self, desk):
        visitor = VisitorFactory(customer__name="", customer__is_visitor=True)
        handle = visitor.identity
        conversation = ConversationFactory(channel=visitor.channel, identity=handle)
        said("Where is my parcel?", conversation=conversation)

        words = ask(desk, "parcel").content.decode()
        people = ask(desk, handle.value).content.decode()

        assert "Visitor" in words
        assert ", not proven" in people

    @pytest.mark.parametrize(
        ("is_chat", "title"), [(True, "Chat"), (False, "No subject")]
    )
    def test_calls_what_has_no_subject_as_lists_do(self, desk, is_chat, title):
        said("Parcel", conversation__subject="", conversation__is_chat=is_chat)

        page = ask(desk, "parcel").content.decode()
        palette = ask(desk, "parcel", palette="1").content.decode()

        assert f"· {title}</a>" in page
        assert f"· {title}</span>" in palette

    def test_says_how_to_go_on_when_there_is_nothing(self, desk):
        assert "Nothing found" in ask(desk, "zanzibar").content.decode()
        assert "Search everything" in ask(desk, "").content.decode()

    def test_answers_the_palette_with_options(self, part):
        said("Where is my parcel?")

        page = ask(part, "parcel", palette="1").content.decode()

        assert 'role="option"' in page
        assert "<html" not in page

    def test_goes_on_with_rows_alone(self, part, monkeypatch):
        monkeypatch.setattr("inbox.queries.search.PAGE", 2)
        for _ in range(3):
            said("parcel")
        next_url = ask(part, "parcel").context["next_url"]

        more = part.get(next_url).content.decode()

        assert more.count('class="result"') == 1
        assert "<html" not in more

    def test_refuses_places_no_page_ended(self, desk):
        assert ask(desk, "x", after="nonsense").status_code == 400

    @pytest.mark.parametrize("palette", ["", "1"])
    def test_shows_nothing_of_what_is_out_of_sight(self, desk, palette):
        hidden = ConversationFactory(
            team=TeamFactory(is_private=True),
            subject="Secret subject",
            customer__name="Secret Person",
        )
        item = said("secret words", conversation=hidden)

        for query in (
            "secret",
            str(hidden.pk),
            f"#{hidden.pk}",
            item.identity.value,
            "Secret Person",
        ):
            page = ask(desk, query, palette=palette).content.decode()
            assert "Secret subject" not in page
            assert "Secret Person</" not in page
            assert f"/conversations/{hidden.pk}/" not in page


class TestHighlighted:
    def test_escapes_everything_around_the_marks(self):
        text = '<script>alert("x")</script> parcel <b>'

        marked = highlighted(text, re.compile("parcel"))

        assert "<script>" not in marked
        assert "<mark>parcel</mark>" in marked
        assert "&lt;b&gt;" in marked

    def test_marks_what_was_folded_where_it_stands(self):
        assert "<mark>CAFÉ</mark>" in highlighted("Das CAFÉ", re.compile("cafe"))

    def test_shows_the_part_with_the_hit(self):
        text = "x " * 500 + "parcel" + " y" * 500

        marked = highlighted(text, re.compile("parcel"))

        assert "parcel" in marked
        assert len(marked) < 300

    def test_keeps_its_place_among_letters_that_fold_to_several(self):
        assert "<mark>parcel</mark>" in highlighted(
            "ﬃﬃ İİ ßß parcel", re.compile("parcel")
        )
