"""What happens to somebody's data while they delete it, and just after."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from channels_ingest.drain import drain_all
from channels_ingest.models import EventState, InboundEvent
from helpdesk.chat.actions import visits
from helpdesk.chat.actions.sessions import Claims, update_visitor
from helpdesk.chat.actions.visits import note_page
from helpdesk.chat.actions.writing import Written, accept_message
from helpdesk.chat.models import Visit, Visitor
from helpdesk.chat.pages import Page
from helpdesk.chat.tokens import TokenInvalid
from helpdesk.core.models import OutboxEvent
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Conversation, Kind, TimelineItem
from tests.factories import (
    UserFactory,
)
from tests.helpdesk.chat.forgetting import (
    SECRET_WORDS,
    TEXT,
    browser_of_maya,
    every_row_with,
    forget,
)
from tests.helpdesk.chat.visiting import Browser, settle
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def browser():
    return browser_of_maya()


class TestWhatIsUnderWay:
    def test_is_not_read_any_more(self, browser):
        browser.write(TEXT)
        InboundEvent.objects.update(state=EventState.NEW, item_id=None)

        forget(browser)
        settle()

        assert every_row_with(SECRET_WORDS) == []
        assert not TimelineItem.objects.filter(kind=Kind.MESSAGE).exists()

    def test_is_erased_when_it_is_read_after_all(self, browser):
        """The request was let in just before, and stored just after."""
        browser.begin("Hello")
        raw = InboundEvent.objects.get()
        late = bytes(raw.raw).replace(b"Hello", TEXT.encode())
        late_id = str(uuid.uuid4())
        client_id = raw.dedupe_key.partition(":")[2]
        late = late.replace(client_id.encode(), late_id.encode())

        forget(browser)
        InboundEvent.objects.create(
            channel=browser.visitor.channel,
            source="chat",
            dedupe_key=f"{browser.visitor.public_id}:{late_id}",
            raw=late,
            sha256="0" * 64,
            size=len(late),
        )
        settle()

        assert every_row_with(SECRET_WORDS) == []
        assert every_row_with(SECRET_WORDS.encode().hex()) == []
        assert not Conversation.objects.exclude(status=4).exists()

    def test_may_be_announced_after_it_is_gone(self, browser):
        """What was to be done about the messages finds them no more."""
        conversation = browser.begin("Hello")
        browser.write(TEXT, conversation=str(conversation.public_id))
        drain_all()
        send_reply(
            conversation_id=conversation.pk,
            author=UserFactory(),
            writing=Writing(text="Yes", html=""),
            recipients=Recipients(to=[{"name": "", "handle": "visitor"}]),
        )

        forget(browser)
        settle()

        assert not OutboxEvent.objects.exclude(error="").exists()
        assert not OutboxEvent.objects.filter(done_at=None).exists()

    def test_of_whoever_came_back_since_stays(self, browser):
        browser.begin(TEXT)
        forget(browser)

        again = Browser(channel=browser.visitor.channel)
        kept = again.begin("I am back")

        assert again.messages(kept)[0]["text"] == "I am back"


class TestAtOnce:
    def test_notes_no_page_afterwards(self, browser):
        forget(browser)

        page = Page(title=SECRET_WORDS, url="https://shop.example/tents")
        visitor_id = browser.visitor.pk
        noted = note_page(visitor_id=visitor_id, page=page, now=timezone.now())

        assert noted is None
        assert every_row_with(SECRET_WORDS) == []

    def test_keeps_no_claim_afterwards(self, browser):
        forget(browser)

        with pytest.raises(TokenInvalid):
            update_visitor(
                visitor_id=browser.visitor.pk, claims=Claims(name=SECRET_WORDS)
            )

    def test_keeps_no_claim_of_a_message_that_came_late(self, browser):
        stale = Visitor.objects.select_related("identity", "channel").get(
            pk=browser.visitor.pk
        )
        browser.begin(TEXT)
        forget(browser)

        accept_message(
            visitor=stale,
            written=Written(
                client_id=uuid.uuid4(),
                topic=uuid.uuid4(),
                text=TEXT,
                page={"title": SECRET_WORDS, "url": ""},
            ),
        )
        settle()

        assert every_row_with(SECRET_WORDS) == []

    def test_gets_along_with_a_page_that_is_noted(self, browser, monkeypatch):
        conversation = browser.begin(TEXT)
        is_noting = threading.Event()

        def show_slowly(visit, conversation, *, now):
            is_noting.set()
            eventually(somebody_waits)
            return shown(visit, conversation, now=now)

        shown = visits._show
        monkeypatch.setattr(visits, "_show", show_slowly)
        page = Page(title="Tents", url="https://shop.example/tents")
        with ThreadPoolExecutor() as pool:
            noted = pool.submit(
                _and_hang_up,
                note_page,
                visitor_id=browser.visitor.pk,
                page=page,
                now=timezone.now(),
            )
            assert is_noting.wait(10)
            forget(browser)
            noted.result(10)

        assert not Visit.objects.exists()
        assert not conversation.items.filter(payload__name="visited").exists()


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def _and_hang_up(work, **values):
    try:
        work(**values)
    finally:
        connection.close()
