from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.chat.actions.visits import MOST_PAGES, note_page, show_visit
from helpdesk.chat.models import Visit
from helpdesk.chat.pages import Page
from inbox.models import TimelineItem
from tests.factories.chat import VisitorFactory
from tests.helpdesk.chat.chats import chat, visitor_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def page(name="tents"):
    return Page(title=name.title(), url=f"https://shop.example/{name}")


def events(conversation):
    return list(conversation.items.filter(kind="event").order_by("seq"))


class TestNotePage:
    def test_shows_a_visit_as_one_line_that_grows(self):
        conversation = chat()
        visitor = visitor_of(conversation)

        for minute, name in enumerate(["tents", "tents", "boots"]):
            at = NOON + timedelta(minutes=minute)
            note_page(visitor_id=visitor.pk, page=page(name), now=at)

        (event,) = events(conversation)
        assert event.visibility == "internal"
        assert event.payload["name"] == "visited"
        assert [it["title"] for it in event.payload["pages"]] == ["Tents", "Boots"]
        conversation.refresh_from_db()
        assert conversation.last_seq == event.seq

    def test_begins_another_visit_after_half_an_hour(self):
        conversation = chat()
        visitor = visitor_of(conversation)

        note_page(visitor_id=visitor.pk, page=page(), now=NOON)
        later = NOON + timedelta(minutes=31)
        note_page(visitor_id=visitor.pk, page=page(), now=later)

        assert len(events(conversation)) == 2

    def test_keeps_the_last_pages(self):
        visitor = VisitorFactory()

        for number in range(MOST_PAGES + 2):
            note_page(visitor_id=visitor.pk, page=page(f"p{number}"), now=NOON)

        pages = Visit.objects.get().pages
        assert (len(pages), pages[0]["title"]) == (MOST_PAGES, "P2")

    def test_announces_it_only_now_and_then(self, django_capture_on_commit_callbacks):
        conversation = chat()
        visitor = visitor_of(conversation)
        note_page(visitor_id=visitor.pk, page=page(), now=NOON)

        def told(name, seconds):
            at = NOON + timedelta(seconds=seconds)
            with django_capture_on_commit_callbacks() as callbacks:
                note_page(visitor_id=visitor.pk, page=page(name), now=at)
            return bool(callbacks)

        assert [told("a", 3), told("b", 9), told("c", 11)] == [False, False, True]

    def test_knows_nobody_who_is_gone(self):
        assert note_page(visitor_id=0, page=page(), now=NOON) is None


class TestShowVisit:
    def test_shows_where_they_were_before_they_wrote_once(self):
        visitor = VisitorFactory()
        note_page(visitor_id=visitor.pk, page=page(), now=NOON)
        conversation = chat(channel=visitor.channel)
        item = TimelineItem.objects.get(conversation=conversation)
        item.external_id = f"{visitor.public_id}:1"
        item.save()

        show_visit(item_id=item.pk, now=NOON)
        show_visit(item_id=item.pk, now=NOON)

        (event,) = events(conversation)
        assert event.payload["pages"][0]["title"] == "Tents"
