import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from channels_ingest.models import EventState, InboundEvent
from helpdesk.api.v1.chat import messages as messages_view
from helpdesk.core.limits import Limit
from inbox.actions.conversations import close_conversation, mark_as_spam
from inbox.contract import Verdict
from inbox.models import Conversation, Participant, TimelineItem
from inbox.models.channel import Continuity
from inbox.models.conversation import ParticipantRole
from tests.factories import ApiChannelFactory, VisitorFactory, WebchatChannelFactory
from tests.helpdesk.chat.visiting import (
    Browser,
    error_of,
    message_of,
    reader_elsewhere,
    settle,
)

pytestmark = pytest.mark.django_db
TENTS = {"title": "Tents", "url": "https://shop.example/tents"}


class TestWriting:
    def test_is_accepted_before_it_is_read(self, browser):
        client_id = str(uuid.uuid4())

        with reader_elsewhere(browser.visitor.channel):
            answer = browser.write("Is it blue?", client_id=client_id)

        event = InboundEvent.objects.get()
        assert answer.status_code == 202
        assert answer.json() == {
            "client_id": client_id,
            "state": "accepted",
            "message": None,
            "after": None,
        }
        assert (event.source, event.state) == ("chat", EventState.NEW)
        assert event.dedupe_key == f"{browser.visitor.public_id}:{client_id}"
        assert not TimelineItem.objects.exists()

    def test_begins_a_conversation_of_the_visitor(self, browser):
        conversation = browser.begin("Is it blue?")

        item = conversation.items.get()
        part = Participant.objects.get(conversation=conversation)
        assert item.text == "Is it blue?"
        assert item.identity == browser.visitor.identity
        assert conversation.customer == browser.visitor.identity.customer
        assert conversation.channel == browser.visitor.channel
        assert (part.identity, part.role) == (
            browser.visitor.identity,
            ParticipantRole.CUSTOMER,
        )

    def test_takes_the_same_client_id_once(self, browser):
        message = message_of(text="Is it blue?")

        answers = [browser.post("messages/", message) for _ in range(3)]
        settle()

        assert [it.status_code for it in answers] == [202] * 3
        assert TimelineItem.objects.count() == 1
        assert InboundEvent.objects.get().redeliveries == 2

    def test_takes_it_once_though_it_was_read_in_between(self, browser):
        message = message_of(text="Is it blue?")
        browser.post("messages/", message)
        settle()

        again = browser.post("messages/", message)
        settle()

        assert again.status_code == 202
        assert TimelineItem.objects.count() == 1

    def test_puts_what_names_one_topic_into_one_conversation_in_order(self, browser):
        topic = str(uuid.uuid4())
        for number in range(5):
            browser.write(f"Line {number}", topic=topic)
        settle()
        browser.write("Line 5", topic=topic)
        settle()

        texts = Conversation.objects.get().items.order_by("seq")
        assert list(texts.values_list("text", flat=True)) == [
            f"Line {number}" for number in range(6)
        ]

    @pytest.mark.parametrize("continuity", Continuity.values)
    def test_begins_a_new_conversation_for_a_new_topic(self, continuity):
        channel = WebchatChannelFactory(continuity=continuity)
        browser = Browser(channel=channel)

        first, second = browser.begin("One thing"), browser.begin("Another")

        assert first != second

    def test_goes_on_in_a_conversation_by_its_id(self, browser):
        conversation = browser.begin("One")

        browser.write("Two", conversation=str(conversation.public_id))
        settle()

        texts = conversation.items.order_by("seq").values_list("text", flat=True)
        assert list(texts) == ["One", "Two"]

    def test_reopens_a_closed_conversation(self, browser):
        conversation = browser.begin("One")
        close_conversation(conversation_id=conversation.pk, actor=None)

        browser.write("Two", conversation=str(conversation.public_id))
        settle()

        conversation.refresh_from_db()
        assert conversation.is_open

    def test_goes_on_in_the_conversation_of_another_device(self):
        here = Browser(proven="42")
        there = Browser(
            VisitorFactory(
                channel=here.visitor.channel,
                identity=here.visitor.identity,
                is_proven=True,
            )
        )
        conversation = here.begin("From my phone")

        answer = there.write("From my desk", conversation=str(conversation.public_id))
        settle()

        assert answer.status_code == 202
        assert conversation.items.count() == 2

    def test_says_who_vouches_for_the_writer(self, browser):
        known = Browser(proven="42")

        stranger, customer = browser.begin().items.get(), known.begin().items.get()

        assert stranger.detail.authentication["verdict"] == Verdict.NONE
        assert "verdict" not in stranger.payload
        assert customer.payload["verdict"] == Verdict.PASS
        assert (
            customer.detail.authentication["explanation"] == "Signed by your website."
        )

    def test_keeps_a_name_that_was_claimed(self):
        browser = Browser(claimed_name="Maya")
        browser.visitor.identity.customer.name = ""
        browser.visitor.identity.customer.save()
        browser.visitor.identity.display_name = ""
        browser.visitor.identity.save()

        conversation = browser.begin()

        assert conversation.customer.name == "Maya"

    def test_is_never_acknowledged_by_itself(self):
        channel = WebchatChannelFactory(acknowledges=True)

        conversation = Browser(channel=channel).begin()

        assert conversation.items.count() == 1

    def test_works_the_same_for_an_app(self):
        browser = Browser(channel=ApiChannelFactory())

        assert browser.begin("From the app").channel.kind == "api"


class TestTime:
    def test_is_when_it_was_written(self, browser):
        at = timezone.now() - timedelta(hours=2)

        item = browser.begin(sent_at=at.isoformat()).items.get()

        assert item.occurred_at == at

    def test_is_never_in_the_future(self, browser):
        at = timezone.now() + timedelta(days=400)

        item = browser.begin(sent_at=at.isoformat()).items.get()

        assert item.occurred_at <= timezone.now()

    def test_does_not_go_back_for_years(self, browser):
        item = browser.begin(sent_at="0001-01-03T00:00:00+14:00").items.get()
        beyond = browser.write(sent_at="0001-01-01T00:00:00+14:00")

        assert item.occurred_at > timezone.now() - timedelta(days=8)
        assert beyond.status_code == 400


class TestText:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("a\0b", "a\ufffdb"),
            ("a\ud83db", "a\ufffdb"),
            ("\U0001f600", "\U0001f600"),
            ("<b>bold</b><script>x()</script>", "<b>bold</b><script>x()</script>"),
            ("  two\n\n lines ", "  two\n\n lines "),
        ],
    )
    def test_is_kept_as_text(self, browser, sent, kept):
        item = browser.begin(sent).items.get()

        assert (item.text, item.html) == (kept, "")

    def test_may_be_as_long_as_a_letter(self, browser):
        assert browser.begin("ü" * 10_000).items.get().text == "ü" * 10_000

    def test_is_refused_when_it_is_longer(self, browser):
        answer = browser.write("a" * 10_001)

        assert answer.status_code == 400
        assert "text" in error_of(answer)["fields"]
        assert not InboundEvent.objects.exists()

    @pytest.mark.parametrize("text", ["", "   \n "])
    def test_may_not_be_missing(self, browser, text):
        answer = browser.write(text)

        assert (answer.status_code, error_of(answer)["code"]) == (
            400,
            "nothing_written",
        )


class TestPlace:
    def test_is_exactly_one(self, browser):
        both = {"conversation": str(uuid.uuid4()), "topic": str(uuid.uuid4())}
        neither = {"conversation": None, "topic": None}

        answers = [browser.write(**place) for place in (both, neither)]

        assert [it.status_code for it in answers] == [400, 400]

    @pytest.mark.parametrize("field", ["client_id", "topic", "conversation"])
    @pytest.mark.parametrize("value", ["1", "' OR 1=1", [], {}, -1, 2**200])
    def test_is_an_id(self, browser, field, value):
        answer = browser.post("messages/", message_of(text="x", **{field: value}))

        assert answer.status_code == 400

    def test_is_none_of_somebody_else(self, browser):
        theirs = Browser(channel=browser.visitor.channel).begin()

        answer = browser.write(conversation=str(theirs.public_id))
        settle()

        assert (answer.status_code, error_of(answer)["code"]) == (404, "not_found")
        assert theirs.items.count() == 1

    def test_is_not_found_by_the_topic_key_of_somebody_else(self, browser):
        other, topic = Browser(channel=browser.visitor.channel), str(uuid.uuid4())
        other.write("Mine", topic=topic)
        settle()

        answer = browser.write("Mine too", topic=topic)
        settle()

        assert answer.status_code == 202
        assert Conversation.objects.count() == 2
        assert [it["preview"] for it in browser.listed()] == ["Mine too"]

    def test_is_a_conversation_that_is_no_spam(self, browser):
        conversation = browser.begin()
        mark_as_spam(conversation_id=conversation.pk, actor=None)

        answer = browser.write(conversation=str(conversation.public_id))

        assert answer.status_code == 404


class TestPage:
    def test_is_kept_with_the_message_and_the_visitor(self, browser):
        item = browser.begin(page=TENTS).items.get()

        browser.visitor.refresh_from_db()
        assert item.payload["page"] == TENTS
        assert browser.visitor.page["url"] == TENTS["url"]

    def test_keeps_no_secret_of_its_address(self, browser):
        url = "https://maya:pw@shop.example/tents?token=secret#!/secret"
        item = browser.begin(page={"title": "Tents", "url": url}).items.get()

        browser.visitor.refresh_from_db()
        assert item.payload["page"]["url"] == "https://shop.example/tents"
        assert browser.visitor.page["url"] == "https://shop.example/tents"

    def test_is_one_of_the_channels_own_sites(self, browser):
        url = "https://elsewhere.example/"
        item = browser.begin(page={"title": "Tents", "url": url}).items.get()

        assert item.payload["page"] == {"title": "Tents", "url": ""}

    def test_may_be_any_site_for_an_app_that_names_none(self):
        browser = Browser(channel=ApiChannelFactory(chat={"domains": []}))
        url = "https://app.example/orders?token=secret"
        item = browser.begin(page={"title": "Orders", "url": url}).items.get()

        assert item.payload["page"]["url"] == "https://app.example/orders"

    @pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
    def test_is_not_kept_of_whoever_wants_no_traces(self, browser, header):
        browser.headers = {header: "1"}

        assert "page" not in browser.begin(page=TENTS).items.get().payload
        browser.visitor.refresh_from_db()
        assert browser.visitor.page == {}

    def test_is_not_kept_where_visits_are_not_noted(self):
        channel = WebchatChannelFactory(chat={"tracks_visits": False})
        browser = Browser(channel=channel)

        assert "page" not in browser.begin(page=TENTS).items.get().payload
        browser.visitor.refresh_from_db()
        assert browser.visitor.page == {}

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "data:,x", "http://[", "x"])
    def test_has_no_address_that_is_none_of_a_website(self, browser, url):
        item = browser.begin(page={"title": "Tents", "url": url}).items.get()

        assert item.payload["page"] == {"title": "Tents", "url": ""}

    def test_shows_which_invitation_was_answered(self):
        invitations = [{"key": "spring", "text": "May I help with the tents?"}]
        browser = Browser(
            channel=WebchatChannelFactory(chat={"invitations": invitations})
        )

        item = browser.begin(invitation="spring").items.get()
        other = browser.begin(invitation="unknown").items.get()

        assert item.payload["invitation"] == "May I help with the tents?"
        assert "invitation" not in other.payload


class TestLimits:
    def test_hold_for_each_visitor(self, browser, monkeypatch):
        limit = Limit(name="test-messages", count=2, seconds=60)
        monkeypatch.setattr(messages_view, "VISITOR_MESSAGES", limit)

        statuses = [browser.write().status_code for _ in range(3)]
        other = Browser(channel=browser.visitor.channel)

        assert statuses == [202, 202, 429]
        assert other.write().status_code == 202

    def test_say_when_to_come_again(self, browser, monkeypatch):
        limit = Limit(name="test-messages-again", count=0, seconds=60)
        monkeypatch.setattr(messages_view, "VISITOR_MESSAGES", limit)

        answer = browser.write()

        assert error_of(answer)["code"] == "too_many"
        assert 1 <= int(answer["Retry-After"]) <= 60


class TestToken:
    def test_is_asked_for(self, client):
        answer = client.post(
            "/api/v1/chat/messages/",
            json.dumps(message_of(text="x")),
            content_type="application/json",
        )

        assert (answer.status_code, error_of(answer)["code"]) == (401, "token_invalid")

    def test_of_a_channel_that_is_off_opens_nothing(self, browser):
        browser.visitor.channel.is_active = False
        browser.visitor.channel.save()

        assert browser.write().status_code == 401
