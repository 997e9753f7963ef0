import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st

from channels_ingest.models import EventState, InboundEvent
from helpdesk.api.v1.chat import messages as messages_view
from helpdesk.core.limits import Limit
from inbox.actions.conversations import close_conversation, mark_as_spam
from inbox.contract import Verdict
from inbox.models import Attachment, Conversation, Participant, TimelineItem
from inbox.models.channel import Continuity
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ApiChannelFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.helpdesk.chat.visiting import (
    Browser,
    journalled,
    message_of,
    reader_elsewhere,
    settle,
)

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def browser():
    return Browser()


def error_of(answer):
    return answer.json()["error"]


def file(name="receipt.pdf", content=b"%PDF-1.7", kind="application/pdf"):
    return SimpleUploadedFile(name, content, content_type=kind)


class TestWriting:
    def test_is_accepted_before_it_is_read(self, browser):
        client_id = str(uuid.uuid4())

        with reader_elsewhere(browser.visitor.channel):
            answer = browser.write("Is it blue?", client_id=client_id)

        event = InboundEvent.objects.get()
        assert answer.status_code == 202
        assert answer.json() == {"client_id": client_id, "state": "accepted"}
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


def rules(**visitors):
    return WebchatChannelFactory(chat={"visitors": visitors})


class TestRules:
    def test_may_forbid_to_start(self):
        answer = Browser(channel=rules(may_start=False)).write()

        assert (answer.status_code, error_of(answer)["code"]) == (403, "may_not_start")
        assert not InboundEvent.objects.exists()

    def test_may_differ_for_known_users(self):
        channel = rules(may_start=False)

        assert Browser(channel=channel, proven="42").write().status_code == 202

    def test_may_close_a_conversation_for_good(self):
        browser = Browser(channel=rules(may_reply_to_closed=False))
        conversation = browser.begin()
        before = browser.write("Still open", conversation=str(conversation.public_id))
        settle()
        close_conversation(conversation_id=conversation.pk, actor=None)

        answer = browser.write("And again", conversation=str(conversation.public_id))

        assert before.status_code == 202
        assert answer.status_code == 403
        assert error_of(answer)["code"] == "conversation_closed"

    def test_close_it_for_its_topic_as_well(self):
        browser, topic = (
            Browser(channel=rules(may_reply_to_closed=False)),
            str(uuid.uuid4()),
        )
        conversation = browser.begin_with(topic)
        close_conversation(conversation_id=conversation.pk, actor=None)

        assert browser.write(topic=topic).status_code == 403

    def test_do_not_lose_what_was_taken_before(self):
        browser = Browser(channel=rules(may_reply_to_closed=False))
        conversation = browser.begin()
        message = message_of(text="x", conversation=str(conversation.public_id))
        browser.post("messages/", message)
        settle()
        close_conversation(conversation_id=conversation.pk, actor=None)

        assert browser.post("messages/", message).status_code == 202

    def test_may_allow_one_conversation_at_a_time(self):
        browser = Browser(channel=rules(may_have_several=False))
        conversation = browser.begin()

        answer = browser.write("Another thing")
        close_conversation(conversation_id=conversation.pk, actor=None)
        later = browser.write("Another thing")

        assert (answer.status_code, error_of(answer)["code"]) == (403, "one_at_a_time")
        assert later.status_code == 202

    def test_count_a_topic_that_was_not_read_yet(self):
        browser, topic = (
            Browser(channel=rules(may_have_several=False)),
            str(uuid.uuid4()),
        )
        with reader_elsewhere(browser.visitor.channel):
            browser.write("First", topic=topic)
            same = browser.write("More", topic=topic)
            another = browser.write("Another")

        assert (same.status_code, another.status_code) == (202, 403)


FORM = {
    "form_for": "visitors",
    "form_fields": [
        {"name": "name", "label": "Your name", "is_required": True},
        {"name": "mail", "label": "Mail", "type": "mail", "is_required": True},
        {"name": "order", "label": "Order", "type": "number"},
        {"name": "news", "label": "Send me news", "type": "checkbox"},
        {"name": "day", "label": "Day", "type": "date"},
        {"name": "site", "label": "Site", "type": "link"},
        {"name": "about", "label": "About", "type": "list", "options": ["A", "B"]},
        {"name": "phone", "label": "Phone", "type": "phone"},
    ],
}


def form(**answers):
    answers = {"name": "Maya  Rivera", "mail": "Maya@Rivera.example", **answers}
    return [{"name": name, "value": value} for name, value in answers.items()]


class TestForm:
    @pytest.fixture
    def browser(self):
        return Browser(channel=WebchatChannelFactory(chat=FORM))

    def test_is_shown_with_the_message(self, browser):
        item = browser.begin(form=form(order=17, news=True)).items.get()

        assert item.payload["form"] == [
            {"label": "Your name", "value": "Maya  Rivera"},
            {"label": "Mail", "value": "Maya@Rivera.example"},
            {"label": "Order", "value": "17"},
            {"label": "Send me news", "value": "✓"},
        ]

    def test_says_what_the_visitor_claims(self, browser):
        browser.begin(form=form())

        browser.visitor.refresh_from_db()
        assert browser.visitor.claimed_email == "maya@rivera.example"
        assert browser.visitor.claimed_name == "Maya Rivera"

    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("name", "", "required"),
            ("name", {"a": 1}, "not_a_text"),
            ("name", "x" * 2001, "too_long"),
            ("mail", "maya", "not_a_mail_address"),
            ("order", "one", "not_a_number"),
            ("order", "nan", "not_a_number"),
            ("news", "perhaps", "not_a_checkbox"),
            ("day", "31.12.2026", "not_a_date"),
            ("site", "javascript:x()", "not_a_link"),
            ("about", "C", "not_in_list"),
            ("phone", "call me", "not_a_phone_number"),
            ("color", "blue", "unknown"),
        ],
    )
    def test_is_checked(self, browser, name, value, reason):
        answer = browser.write(form=form(**{name: value}))

        assert (answer.status_code, error_of(answer)["code"]) == (400, "form_invalid")
        assert error_of(answer)["fields"]["form"] == {name: [reason]}
        assert not InboundEvent.objects.exists()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("order", "1,5"),
            ("order", -3.25),
            ("day", "2026-12-31"),
            ("site", "https://shop.example/a?b=c"),
            ("about", "B"),
            ("phone", "+49 (0)30 123-456"),
        ],
    )
    def test_takes_what_fits(self, browser, name, value):
        assert browser.write(form=form(**{name: value})).status_code == 202

    def test_is_required_of_the_first_message_alone(self, browser):
        topic = str(uuid.uuid4())

        with reader_elsewhere(browser.visitor.channel):
            without = browser.write(topic=topic)
            browser.write(topic=topic, form=form())
            second = browser.write("More", topic=topic)
        settle()
        third = browser.write("Even more", topic=topic)

        statuses = [it.status_code for it in (without, second, third)]
        assert statuses == [400, 202, 202]

    def test_is_not_required_of_those_it_is_not_for(self, browser):
        known = Browser(channel=browser.visitor.channel, proven="42")

        assert known.write().status_code == 202

    def test_is_message_enough(self, browser):
        item = browser.begin("", form=form()).items.get()

        assert item.payload["form"][0]["value"] == "Maya  Rivera"


class TestPage:
    def test_is_kept_with_the_message_and_the_visitor(self, browser):
        page = {"title": "Tents", "url": "https://shop.example/tents?a=b"}

        item = browser.begin(page=page).items.get()

        browser.visitor.refresh_from_db()
        assert item.payload["page"] == page
        assert browser.visitor.page["url"] == page["url"]

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


class TestFiles:
    def test_come_with_the_message(self, browser):
        answer = browser.post_files(
            file(), file("a.png", PNG, "image/png"), text="Look"
        )
        settle()

        files = Attachment.objects.order_by("id")
        assert answer.status_code == 202
        assert [(it.name, it.size, it.content_type) for it in files] == [
            ("receipt.pdf", 8, "application/pdf"),
            ("a.png", len(PNG), "image/png"),
        ]

    def test_are_message_enough(self, browser):
        assert browser.post_files(file()).status_code == 202

    def test_keep_bytes_of_any_kind(self, browser):
        content = bytes(range(256)) * 40 + b"\n\r\n--x"
        browser.post_files(file("setup.exe", content, "application/x-msdownload"))

        (message,) = journalled()

        assert message.attachments[0].content == content

    def test_may_be_five(self, browser):
        five = browser.post_files(*(file() for _ in range(5)))
        six = browser.post_files(*(file() for _ in range(6)))

        assert five.status_code == 202
        assert (six.status_code, error_of(six)["code"]) == (400, "too_many_files")

    def test_may_not_be_empty(self, browser):
        answer = browser.post_files(file(content=b""), text="Look")

        assert (answer.status_code, error_of(answer)["code"]) == (400, "file_empty")

    def test_may_not_be_larger_than_the_channel_takes(self):
        browser = Browser(channel=WebchatChannelFactory(chat={"file_bytes": 100}))

        fits = browser.post_files(file(content=b"x" * 100))
        answer = browser.post_files(file(content=b"x" * 101))

        assert fits.status_code == 202
        assert (answer.status_code, error_of(answer)["code"]) == (413, "file_too_large")
        assert error_of(answer)["fields"] == {"most": 100}

    def test_may_not_come_where_none_are_taken(self):
        browser = Browser(channel=WebchatChannelFactory(chat={"file_bytes": 0}))

        answer = browser.post_files(file(), text="Look")

        assert error_of(answer)["code"] == "files_not_taken"

    def test_may_not_be_larger_than_one_message_together(self, browser):
        channel = WebchatChannelFactory(chat={"file_bytes": 20 << 20})
        browser = Browser(channel=channel)

        answer = browser.post_files(*(file(content=b"x" * (9 << 20)) for _ in range(3)))

        assert answer.status_code == 413

    @pytest.mark.parametrize("name", ["../../etc/passwd", "a\u202egpj.exe", "con", ""])
    def test_get_a_name_that_is_safe(self, browser, name):
        browser.post_files(file(name or "x", b"x", "text/plain"), text="Look")
        settle()

        kept = Attachment.objects.get().name
        assert "/" not in kept
        assert "\u202e" not in kept
        assert kept


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


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=30)
    | st.uuids().map(str),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = [*("client_id", "conversation", "topic", "text", "form"), "page"]
FIELDS += ["invitation", "sent_at", "message", "files"]
OFTEN = fuzz(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
UNDERSTOOD = {202, 400, 403, 404, 413, 415, 429}


class TestNonsense:
    @pytest.fixture(autouse=True)
    def _no_limits(self, monkeypatch):
        from helpdesk.api.v1.chat import views

        endless = Limit(name="test-endless", count=10**9, seconds=60)
        monkeypatch.setattr(messages_view, "VISITOR_MESSAGES", endless)
        monkeypatch.setattr(views, "VISITOR_REQUESTS", endless)
        monkeypatch.setattr(views, "ADDRESS_REQUESTS", endless)

    @OFTEN
    @given(changes=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=4))
    def test_in_fields_is_never_our_mistake(self, browser, changes):
        answer = browser.post("messages/", {**message_of(text="x"), **changes})

        assert answer.status_code in UNDERSTOOD
        if answer.status_code != 202:
            assert set(error_of(answer)) >= {"code", "message"}

    @OFTEN
    @given(body=ANYTHING)
    def test_as_body_is_never_our_mistake(self, browser, body):
        answer = browser.post("messages/", body)

        assert answer.status_code in UNDERSTOOD

    @OFTEN
    @given(
        body=st.binary(max_size=200),
        kind=st.sampled_from(
            [
                "application/json",
                "application/json; charset=klingon",
                "multipart/form-data; boundary=x",
                "multipart/form-data",
                "text/plain",
                "",
            ]
        ),
    )
    def test_in_bytes_is_never_our_mistake(self, browser, body, kind):
        answer = browser.post_raw("messages/", body, content_type=kind)

        assert answer.status_code in UNDERSTOOD

    @pytest.mark.parametrize("opening", ["[", '{"text":'])
    def test_nested_without_end_is_no_json(self, browser, opening):
        answer = browser.post_raw("messages/", opening * 60_000)

        assert answer.status_code == 400

    def test_in_a_part_is_no_json_either(self, browser):
        content = (
            b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n%s\r\n--x--'
        )
        kind = "multipart/form-data; boundary=x"

        for part in (b"", b"nope", b"[" * 60_000, b"\xff\xfe"):
            answer = browser.post_raw("messages/", content % part, content_type=kind)
            assert answer.status_code == 400

    def test_of_a_thousand_parts_is_refused(self, browser):
        head = b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="f"'
        part = head + b"\r\n\r\nx\r\n"
        content = b"".join(part % number for number in range(1500)) + b"--x--"

        answer = browser.post_raw(
            "messages/", content, content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code == 400

    @OFTEN
    @given(text=st.text(st.characters(codec=None), min_size=1, max_size=200))
    def test_in_words_reaches_the_timeline(self, browser, text):
        answer = browser.write(text)

        if answer.status_code == 202:
            settle()
            assert not InboundEvent.objects.exclude(state=EventState.DONE).exists()


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
