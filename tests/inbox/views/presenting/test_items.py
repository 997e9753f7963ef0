from datetime import UTC, datetime

import pytest
from django.urls import reverse

from inbox.models import Delivery, DeliveryState, Kind, Visibility
from tests.factories import (
    ApiChannelFactory,
    ConversationFactory,
    TimelineItemFactory,
    VisitorFactory,
    WebchatChannelFactory,
)

NASTY = "<img src=x onerror=alert(1)>"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;"


@pytest.fixture
def chat(db):
    visitor = VisitorFactory(customer__name="Maya Rivera")
    return ConversationFactory(
        channel=visitor.channel, identity=visitor.identity, is_chat=True
    )


@pytest.fixture
def timeline(part):
    def shown(conversation):
        url = reverse("inbox:timeline", args=[conversation.pk])
        return part.get(url).content.decode()

    return shown


def happened(conversation, *, name, **details):
    return TimelineItemFactory(
        conversation=conversation,
        kind=Kind.EVENT,
        direction=0,
        identity=None,
        visibility=Visibility.INTERNAL,
        text="",
        payload={"name": name, **details},
    )


def delivered(item, state, **fields):
    return Delivery.objects.create(
        item=item,
        conversation=item.conversation,
        channel=item.channel,
        state=state,
        **fields,
    )


class TestMessage:
    @pytest.mark.parametrize("factory", [WebchatChannelFactory, ApiChannelFactory])
    def test_by_chat_shows_where_it_came_from(self, chat, timeline, factory):
        channel = factory(name="Shop chat")
        TimelineItemFactory(conversation=chat, channel=channel)

        page = timeline(chat)

        assert f"k-{channel.kind}" in page
        assert f"#channel-{channel.kind}" in page
        assert "Shop chat" in page

    def test_shows_what_the_form_was_answered_with_as_text(self, chat, timeline):
        TimelineItemFactory(
            conversation=chat,
            text=NASTY,
            payload={
                "form": [{"label": f"Order {NASTY}", "value": NASTY}],
                "page": {"title": NASTY, "url": "javascript:alert(2)"},
                "invitation": NASTY,
            },
        )

        page = timeline(chat)

        assert NASTY not in page
        assert page.count(ESCAPED) >= 5
        assert "javascript:" not in page.replace('title="javascript:alert(2)"', "")
        assert f'<dt dir="auto">Order {ESCAPED}</dt>' in page

    def test_links_the_page_it_was_written_on_and_says_nothing_of_us(
        self, chat, timeline
    ):
        url = "https://shop.example/tents?size=2&color=green"
        TimelineItemFactory(
            conversation=chat, payload={"page": {"title": "Tents", "url": url}}
        )

        page = timeline(chat)

        assert 'href="https://shop.example/tents?size=2&amp;color=green"' in page
        assert 'rel="noopener noreferrer"' in page

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (DeliveryState.SENT, "Sent"),
            (DeliveryState.DELIVERED, "Delivered"),
            (DeliveryState.SEEN, "Seen 10:14"),
        ],
    )
    def test_of_ours_says_how_far_it_came(self, chat, timeline, state, words):
        item = TimelineItemFactory(conversation=chat, outbound=True)
        item.detail.to = [{"name": "", "handle": chat.identity.value}]
        item.detail.save()
        seen_at = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
        delivered(item, state, seen_at=seen_at)

        page = timeline(chat)

        assert words in page
        assert chat.identity.value not in page


class TestEvent:
    def test_rated_shows_a_face_and_the_comment_as_text(self, chat, timeline):
        happened(chat, name="rated", score=5, comment=f"Quick {NASTY}")

        page = timeline(chat)

        assert "Rated 😀 5 of 5" in page
        assert f"Quick {ESCAPED}" in page
        assert 'class="event is-ok"' in page

    def test_rated_badly_stands_out(self, chat, timeline):
        happened(chat, name="rated", score=1, comment="")

        assert 'class="event is-late"' in timeline(chat)

    def test_chat_ended(self, chat, timeline):
        happened(chat, name="chat_ended")

        assert "The visitor ended the chat" in timeline(chat)

    def test_continued_says_whether_the_mail_arrived(self, chat, timeline):
        item = happened(chat, name="continued", to="maya@rivera.example", count=2)
        delivered(item, DeliveryState.BOUNCED, reason="No such mailbox.")

        page = timeline(chat)

        assert "Sent on by email to maya@rivera.example, 2 messages" in page
        assert "Came back." in page
        assert "No such mailbox." in page

    def test_visited_is_one_line_that_unfolds(self, chat, timeline):
        happened(
            chat,
            name="visited",
            pages=[
                {
                    "title": NASTY,
                    "url": "https://shop.example/",
                    "at": "2026-11-22T10:01:00+00:00",
                },
                {
                    "title": "Tents",
                    "url": "https://shop.example/tents",
                    "at": "2026-11-22T10:03:00+00:00",
                },
            ],
        )

        page = timeline(chat)

        assert "Looked at 2 pages, last: Tents</summary>" in page
        assert ESCAPED in page
        assert NASTY not in page
        assert 'href="https://shop.example/tents"' in page
        assert "10:03" in page

    @pytest.mark.parametrize(
        ("name", "details"),
        [
            ("rated", {"score": "five", "comment": 7}),
            ("continued", {"count": "many"}),
            ("visited", {"pages": "none"}),
        ],
    )
    def test_survives_what_makes_no_sense(self, chat, timeline, name, details):
        happened(chat, name=name, **details)

        assert 'class="event' in timeline(chat)
